import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { synthesise } from '../../lib/local/assembly.ts';
import type { AnyBody } from '../support/local-stack.ts';

export interface Resource {
  readonly id: string;
  readonly Type: string;
  readonly Properties: AnyBody;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

/** A policy statement that allows something, with lists where templates also permit single values. */
export interface Allowance {
  readonly owner: string;
  readonly actions: readonly string[];
  readonly resources: readonly unknown[];
}

/** A stage's synthesised template. */
export class Templates {
  readonly resources: readonly Resource[];

  private constructor(resources: readonly Resource[]) {
    this.resources = resources;
  }

  static async of(stage: string): Promise<Templates> {
    const directory = await synthesise(stage, { bundle: false });
    const template = JSON.parse(await readFile(join(directory, `postback-${stage}.template.json`), 'utf8'));
    return new Templates(Object.entries<AnyBody>(template.Resources).map(([id, resource]) => ({ ...resource, id })));
  }

  /** A copy in which one resource is different or, if the change returns `undefined`, missing. */
  changed(id: string, change: (resource: Resource) => Resource | undefined): Templates {
    return new Templates(
      this.resources.flatMap((resource) => (resource.id === id ? (change(structuredClone(resource)) ?? []) : [resource])),
    );
  }

  ofType(type: string): Resource[] {
    return this.resources.filter(({ Type }) => Type === type);
  }

  /** The resource whose logical id begins like this. */
  one(type: string, prefix: string): Resource {
    const found = this.ofType(type).filter(({ id }) => id.startsWith(prefix));
    if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} of ${type} ${prefix}`);
    return found[0];
  }

  /** Everything that roles may do. */
  allowances(): Allowance[] {
    return this.ofType('AWS::IAM::Policy').flatMap(({ Properties }) =>
      Properties.PolicyDocument.Statement.filter(({ Effect }: AnyBody) => Effect === 'Allow').map((statement: AnyBody) => ({
        owner: Properties.Roles.map(({ Ref }: AnyBody) => Ref).join(),
        actions: [statement.Action].flat(),
        resources: [statement.Resource].flat(),
      })),
    );
  }
}
