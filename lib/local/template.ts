import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

const resourceSchema = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  Metadata: z.record(z.string(), z.unknown()).default({}),
});
const templateSchema = z.object({
  Resources: z.record(z.string(), resourceSchema),
  Outputs: z.record(z.string(), z.object({ Value: z.unknown(), Export: z.object({ Name: z.string() }).optional() })).default({}),
});
const manifestSchema = z.object({
  artifacts: z.record(z.string(), z.object({ type: z.string(), properties: z.record(z.string(), z.unknown()).optional() })),
});

/** One resource of a template. Its properties are as written, so they still contain intrinsic functions. */
export interface TemplateResource {
  readonly stack: string;
  readonly id: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** A value that one stack exports for others. */
interface StackExport {
  readonly stack: string;
  readonly value: unknown;
}

/** What a cloud assembly describes, all stacks together. */
export interface Assembly {
  readonly directory: string;
  readonly region: string;
  readonly resources: readonly TemplateResource[];
  readonly exports: ReadonlyMap<string, StackExport>;
}

/** Reads a cloud assembly's templates. */
export async function readAssembly(directory: string): Promise<Assembly> {
  const manifest = manifestSchema.parse(JSON.parse(await readFile(join(directory, 'manifest.json'), 'utf8')));
  const resources: TemplateResource[] = [];
  const exports = new Map<string, StackExport>();
  let region = 'us-east-1';
  for (const [stack, artifact] of Object.entries(manifest.artifacts)) {
    if (artifact.type !== 'aws:cloudformation:stack') continue;
    const { templateFile } = z.object({ templateFile: z.string() }).parse(artifact.properties);
    const template = templateSchema.parse(JSON.parse(await readFile(join(directory, templateFile), 'utf8')));
    for (const [id, { Type: type, Properties: properties, Metadata: metadata }] of Object.entries(template.Resources)) {
      resources.push({ stack, id, type, properties, metadata });
      if (type === 'AWS::DynamoDB::GlobalTable') region = regionOf(properties) ?? region;
    }
    for (const output of Object.values(template.Outputs)) {
      if (output.Export) exports.set(output.Export.Name, { stack, value: output.Value });
    }
  }
  return { directory, region, resources, exports };
}

/** The region that a global table names; the stacks themselves leave it to the deployment. */
function regionOf(properties: Readonly<Record<string, unknown>>): string | undefined {
  return z.array(z.object({ Region: z.string() })).safeParse(properties['Replicas']).data?.[0]?.Region;
}
