import * as z from 'zod';

/** The parts of an OpenAPI document that the comparison reads. */
const media = z.object({ schema: z.unknown(), example: z.unknown().optional() });
const response = z.object({
  description: z.string().min(1),
  headers: z.record(z.string(), z.object({ required: z.boolean().optional() })).optional(),
  content: z.record(z.string(), media).optional(),
});
const parameter = z.object({ in: z.enum(['query', 'path', 'header']), name: z.string(), required: z.boolean().optional() });
const operation = z.object({
  operationId: z.string(),
  parameters: z.array(parameter).default([]),
  requestBody: z.object({ required: z.boolean().optional(), content: z.record(z.string(), media) }).optional(),
  responses: z.record(z.string(), response),
  security: z.array(z.record(z.string(), z.array(z.string()))),
});
const document = z.object({ paths: z.record(z.string(), z.record(z.string(), operation)) });

export type Operation = z.output<typeof operation>;

/** The document's operations by method and path: `GET /api/admin/partners`. */
export function operationsOf(described: unknown): ReadonlyMap<string, Operation> {
  return new Map(
    Object.entries(document.parse(described).paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, described]) => [`${method.toUpperCase()} ${path}`, described] as const),
    ),
  );
}

/** A reference to a part of an operation in the document, such as a schema. */
export function pointerTo(name: string, ...rest: readonly string[]): string {
  const [method = '', path = ''] = name.split(' ');
  const parts = ['paths', path, method.toLowerCase(), ...rest];
  return `#/${parts.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;
}

export function pathParametersOf(name: string): string[] {
  return [...name.matchAll(/\{(\w+)\}/g)].map(([, parameter = '']) => parameter);
}

/** A URL of the operation, with `x` for every parameter. */
export function addressOf(name: string): string {
  return (name.split(' ')[1] ?? '').replaceAll(/\{\w+\}/g, 'x');
}

/** Ids from outside, or made from such ids: they may contain slashes. */
const slashed: ReadonlySet<string> = new Set(['conversion_id', 'user_id']);

export function matches(name: string, address: string): boolean {
  const template = name.split(' ')[1] ?? '';
  const pattern = template
    .replaceAll('.', '\\.')
    .replaceAll(/\{(\w+)\}/g, (_, parameter: string) => (slashed.has(parameter) ? '.+' : '[^/]+'));
  return new RegExp(`^${pattern}$`).test(address);
}
