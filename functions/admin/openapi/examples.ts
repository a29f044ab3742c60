/** JSON Schema, as far as our documents use it. */
interface SchemaFields {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly example?: unknown;
  readonly examples?: readonly unknown[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly anyOf?: readonly Schema[] | undefined;
  readonly oneOf?: readonly Schema[] | undefined;
  readonly allOf?: readonly Schema[] | undefined;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}
type Schema = SchemaFields | boolean;
export type Schemas = Readonly<Record<string, Schema>>;

/** Example values for text fields without an example of their own, by the field's name. */
const texts: ReadonlyMap<string, string> = new Map(
  Object.entries({
    partner_id: 'acme',
    partner_name: 'Acme Surveys',
    offer_id: 'survey-100',
    campaign_id: 'VBFS6',
    publisher_id: 'rewards-app',
    placement_id: 'main-wall',
    user_id: 'user-42',
    click_id: 'CLK-01JH0V8XQ0R2W6T3Y5Z7A9B1C4',
    conversion_id: 'CLK-01JH0V8XQ0R2W6T3Y5Z7A9B1C4.complete',
    transaction_id: 'TXN-12345',
    log_id: '01JH0V9C5W3M8Q2T6X0A4E7R1Z',
    delivery_id: '01JH0V9D2B7N4K8P1S5V9Y3C6F',
    entry_id: '01JH0V9DZZ3Q6T9W2Y5B8E1H4K',
    key_id: '01JH0V7A1C3E5G7J9M2P4R6T8W',
    token_id: '01JH0V7B9D2F4H6K8N1Q3S5V7X',
    event: 'complete',
    status: 'approved',
    result: 'accepted',
    currency: 'USD',
    downward_currency: 'USD',
    payout: '5.00',
    downward_payout: '4.00',
    points: '400',
    balance: '400',
    name: 'Main wall',
    reason: 'The partner confirmed it by e-mail',
    url: 'https://rewards.example/postback?points=400',
    method: 'GET',
    unique_key: 'kR3v9xQm2TfL8sWcYb7nJd4hZp6gVa1e',
    key: 'kR3v9xQm2TfL8sWcYb7nJd4hZp6gVa1e',
    country: 'DE',
    ip: '203.0.113.7',
  }),
);

/**
 * A value that the schema allows, for documentation: the schema's own example if it has one, otherwise something plausible. An answer's
 * example has all fields; a request's has only those that are required or have an example of their own.
 *
 * @param schemas the document's named schemas, which references point to.
 */
export function exampleOf(schema: Schema, schemas: Schemas, of: 'request' | 'answer'): unknown {
  return sampleOf(schema, '', 0);

  function sampleOf(given: Schema, name: string, depth: number): unknown {
    if (typeof given === 'boolean') return texts.get(name) ?? 'text';
    if (given.$ref !== undefined) return sampleOf(schemas[given.$ref.split('/').at(-1) ?? ''] ?? true, name, depth + 1);
    const [own] = [given.example, given.const, given.examples?.[0]].filter((value) => value !== undefined);
    if (own !== undefined) return own;
    if (given.enum !== undefined) return given.enum.includes(texts.get(name)) ? texts.get(name) : given.enum[0];
    if (given.default !== undefined) return given.default;
    const alternatives = given.anyOf ?? given.oneOf;
    if (alternatives !== undefined) {
      const chosen = alternatives.find((alternative) => typeof alternative === 'object' && alternative.type !== 'null');
      return sampleOf(chosen ?? true, name, depth + 1);
    }
    if (given.allOf !== undefined) return Object.assign({}, ...given.allOf.map((part) => sampleOf(part, name, depth + 1)));
    return plainValue(given, name, depth);
  }

  function isShown(field: string, value: Schema, required: readonly string[] = []): boolean {
    return of === 'answer' || required.includes(field) || (typeof value === 'object' && value.example !== undefined);
  }

  function plainValue(given: SchemaFields, name: string, depth: number): unknown {
    switch (typeof given.type === 'string' ? given.type : given.type?.[0]) {
      case 'object':
        return Object.fromEntries(
          Object.entries(given.properties ?? {})
            .filter(([field, value]) => depth < 12 && isShown(field, value, given.required))
            .map(([field, value]) => [field, sampleOf(value, field, depth + 1)]),
        );
      case 'array':
        return depth < 12 && given.items !== undefined ? [sampleOf(given.items, name.replace(/s$/, ''), depth + 1)] : [];
      case 'string':
        return textOf(given, name);
      case 'integer':
      case 'number':
        return Math.max(given.minimum ?? 1, 1);
      case 'boolean':
        return true;
      case 'null':
        return null;
      default:
        return texts.get(name) ?? 'text';
    }
  }
}

function textOf({ format, pattern }: SchemaFields, name: string): string {
  if (format === 'date-time') return '2026-11-24T10:00:00.000Z';
  if (format === 'date') return '2026-11-24';
  if (format === 'uri') return 'https://partner.example/start?sub={click_id}';
  const known = texts.get(name);
  if (known !== undefined && (pattern === undefined || new RegExp(pattern, 'u').test(known))) return known;
  return pattern === undefined
    ? 'text'
    : (['1.50', '2026-11-24T10:00:00.000Z', 'text', 'a'].find((text) => new RegExp(pattern, 'u').test(text)) ?? '');
}
