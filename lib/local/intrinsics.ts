import type { Assembly } from './template.ts';

/** The account that everything local belongs to. */
export const localAccount = '000000000000';

/** A resource's name and attributes once it exists: what `Ref` and `Fn::GetAtt` return. */
export interface PhysicalResource {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Returns what a resource is called locally; `undefined` for resources that do not exist locally. */
export type LookUp = (stack: string, logicalId: string) => PhysicalResource | undefined;

/** Evaluates CloudFormation's intrinsic functions, as far as CDK writes them into this app's templates. */
export class Intrinsics {
  private readonly assembly: Assembly;
  private readonly lookUp: LookUp;

  constructor(assembly: Assembly, lookUp: LookUp) {
    this.assembly = assembly;
    this.lookUp = lookUp;
  }

  /** @throws Error naming the function or resource that cannot be resolved locally. */
  resolve(stack: string, value: unknown): unknown {
    if (Array.isArray(value)) return value.map((entry: unknown) => this.resolve(stack, entry));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [only] = entries;
    if (entries.length === 1 && only !== undefined && (only[0] === 'Ref' || only[0].startsWith('Fn::'))) {
      return this.call(stack, only[0], only[1]);
    }
    return Object.fromEntries(entries.map(([key, entry]) => [key, this.resolve(stack, entry)]));
  }

  /** Like {@link resolve}, for a value that must be text. */
  text(stack: string, value: unknown): string {
    const resolved = this.resolve(stack, value);
    if (typeof resolved === 'string') return resolved;
    if (typeof resolved === 'number' || typeof resolved === 'boolean') return String(resolved);
    throw new Error(`not text: ${JSON.stringify(value)}`);
  }

  private call(stack: string, name: string, argument: unknown): unknown {
    switch (name) {
      case 'Ref':
        return this.reference(stack, this.text(stack, argument));
      case 'Fn::GetAtt':
        return this.attribute(stack, argument);
      case 'Fn::Join': {
        const [separator, parts] = pair(argument);
        const texts = this.resolve(stack, parts);
        if (typeof separator !== 'string' || !Array.isArray(texts)) throw new Error('malformed Fn::Join');
        return texts.map((part: unknown) => this.text(stack, part)).join(separator);
      }
      case 'Fn::Sub':
        return this.text(stack, argument).replace(/\$\{([^}]+)\}/g, (_, reference: string) => this.reference(stack, reference));
      case 'Fn::ImportValue': {
        const exported = this.assembly.exports.get(this.text(stack, argument));
        if (!exported) throw new Error(`nothing exports ${JSON.stringify(argument)}`);
        return this.resolve(exported.stack, exported.value);
      }
      case 'Fn::Select': {
        const [index, list] = pair(argument);
        const values = this.resolve(stack, list);
        return Array.isArray(values) ? values[Number(index)] : undefined;
      }
      case 'Fn::Split': {
        const [separator, text] = pair(argument);
        return this.text(stack, text).split(String(separator));
      }
      default:
        throw new Error(`${name} is not understood here`);
    }
  }

  private reference(stack: string, name: string): string {
    const pseudo = this.pseudoParameter(stack, name);
    if (pseudo !== undefined) return pseudo;
    const [id, attribute] = name.split('.');
    return attribute === undefined ? this.find(stack, name).ref : this.attribute(stack, [id, attribute]);
  }

  private attribute(stack: string, argument: unknown): string {
    const [id, name] = typeof argument === 'string' ? argument.split('.') : pair(argument);
    const value = this.find(stack, String(id)).attributes[String(name)];
    if (value === undefined) throw new Error(`${String(id)} has no ${String(name)} here`);
    return value;
  }

  private find(stack: string, id: string): PhysicalResource {
    const found = this.lookUp(stack, id);
    if (!found) throw new Error(`${stack}/${id} does not exist locally`);
    return found;
  }

  private pseudoParameter(stack: string, name: string): string | undefined {
    switch (name) {
      case 'AWS::AccountId':
        return localAccount;
      case 'AWS::Region':
        return this.assembly.region;
      case 'AWS::Partition':
        return 'aws';
      case 'AWS::URLSuffix':
        return 'amazonaws.com';
      case 'AWS::StackName':
        return stack;
      default:
        return undefined;
    }
  }
}

function pair(value: unknown): readonly [unknown, unknown] {
  if (!Array.isArray(value) || value.length !== 2) throw new Error(`expected two values: ${JSON.stringify(value)}`);
  return [value[0], value[1]];
}
