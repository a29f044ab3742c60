import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { openApiDocument } from '../../../functions/admin/openapi.ts';
import { adminRoutes } from '../../../functions/admin/registry.ts';
import type { AnyBody } from '../../support/local-stack.ts';

const root = join(import.meta.dirname, '..', '..', '..');

/** Routes use their dependencies only when they are called. */
const nothing: AnyBody = new Proxy(() => undefined, { get: () => nothing, apply: () => nothing });
const document: AnyBody = JSON.parse(JSON.stringify(openApiDocument(adminRoutes(nothing, nothing))));

interface Operation {
  readonly name: string;
  readonly operation: AnyBody;
}
const operations: Operation[] = Object.entries<AnyBody>(document.paths).flatMap(([path, methods]) =>
  Object.entries<AnyBody>(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
);

/** One compiler for all schemas, so that shared parts are compiled once. */
const ajv = new Ajv2020({ strict: false, validateFormats: false, code: { optimize: false } });
ajv.addSchema({ $id: 'document', components: document.components });

describe('what generators make from the API description', () => {
  const folder = mkdtempSync(join(tmpdir(), 'postback-types-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('includes TypeScript types that compile under the strictest options', async () => {
    const described = join(folder, 'openapi.json');
    const types = join(folder, 'api.ts');
    writeFileSync(described, JSON.stringify(document));
    const run = (...args: string[]) => promisify(execFile)(process.execPath, args, { cwd: root });
    const hook = './test/support/openapi/typescript-5.mjs';
    await run('--import', hook, 'node_modules/openapi-typescript/bin/cli.js', described, '-o', types);
    expect(readFileSync(types, 'utf8')).toContain('createPartner:');
    const compiled = run('node_modules/typescript/bin/tsc', '--noEmit', '--strict', '--ignoreConfig', types).catch((error) => error.stdout);
    expect(await compiled).toMatchObject({ stdout: '' });
  });

  test('includes a name for each schema', () => {
    expect(Object.keys(document.components.schemas).filter((name) => !/^[A-Z][A-Za-z]+$/.test(name))).toEqual([]);
  });

  test('is described with the words of the glossary', () => {
    const texts = [...JSON.stringify(document).matchAll(/"(?:description|summary)":"((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text);
    expect(texts.length).toBeGreaterThan(300);
    expect(texts.filter((text) => /(?<!IP )\baddress|\b(?:is|are|was|be) told\b/i.test(text))).toEqual([]);
  });

  test('includes functions named by a verb and a noun, each with a name of its own', () => {
    const names = operations.map(({ operation }) => operation.operationId);
    expect(names.filter((name) => !/^[a-z]+[A-Z][A-Za-z]+$/.test(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe.each(operations)('$name', ({ operation }) => {
  test('belongs to one resource, which is described', () => {
    expect(operation.tags).toHaveLength(1);
    expect(document.tags).toContainEqual({ name: operation.tags[0], description: expect.stringMatching(/^\S.{8,}/) });
  });

  test('has a summary and a description', () => {
    expect([operation.summary, operation.description]).toEqual([
      expect.stringMatching(/^[A-Z].{7,79}$/),
      expect.stringMatching(/^\S.{20,}/),
    ]);
  });

  test('shows a body that its schema allows, for the request and for each success', () => {
    const bodies = [
      operation.requestBody,
      ...Object.entries<AnyBody>(operation.responses).flatMap(([status, response]) => (status.startsWith('2') ? response : [])),
    ];
    for (const json of bodies.flatMap((body) => body?.content?.['application/json'] ?? [])) {
      const validate = ajv.compile(JSON.parse(JSON.stringify(json.schema).replaceAll('"#/', '"document#/')));
      expect({ valid: validate(json.example), errors: validate.errors, example: json.example }).toMatchObject({ valid: true });
      expect(json.example).toBeDefined();
    }
  });
});
