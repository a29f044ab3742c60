import * as z from 'zod';
import { answerTypeOf, answerTypes } from '../../domain/answer-types.ts';
import { namesIn } from '../../domain/networks/carrier.ts';
import { piecesOf } from '../../domain/networks/message.ts';
import { digestAlgorithms, encodings, hmacAlgorithms, type Network, type NetworkSettings } from '../../domain/networks/network.ts';
import { standardParameters } from '../../domain/postback/postback.ts';
import { postbackStatuses } from '../../domain/status.ts';
import { timeText } from '../records/fields.ts';
import { nameText, plainText } from './fields.ts';

/** A network's document (contract 1.8). Built-in networks and those that an admin adds have this one schema. */

const mostEntries = 100;
const fewEnough = (map: object): boolean => Object.keys(map).length <= mostEntries;
const tooMany = `must not have more than ${mostEntries} entries`;

export const networkId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,49}$/, 'must be 1 to 50 lower-case letters, digits, hyphens or underscores')
  .meta({ example: 'my-wall' });

const parameterName = z
  .string()
  .min(1, 'must not be empty')
  .max(100)
  .regex(/^[^\s{}|&=]+$/, 'must be the name of a parameter, or a path such as data.user.click');
const parameterNames = z.array(parameterName).max(20);
const place = z
  .string()
  .max(200)
  .regex(/^(?:query|body|header):[^\s{}|&=:]+(?:\|[^\s{}|&=:]+)*$/, 'must be query:NAME, body:NAME or header:NAME')
  .meta({ example: 'query:hash' });
const words = z.array(z.string().min(1).max(100).trim().toLowerCase()).max(50);
const marks = z.record(parameterName, words).refine(fewEnough, tooMany);
const text = plainText(2_000);
const message = z.string().min(1).max(2_000).refine(hasKnownPlaceholders, {
  message:
    'must hold placeholders such as {userID}, {userID?}, {int:amount}, {raw:name}, {secret}, {body}, {target}, {url}, {url_before:hash} or {sorted_query}',
});
/** Content type of an answer. The answer comes from our host, so what a browser ran in it could read an admin's token (contract 1.9). */
export const answerType = z
  .string()
  .max(100)
  .transform((sent, context) => {
    const type = answerTypeOf(sent);
    if (type !== undefined) return type;
    context.addIssue({ code: 'custom', message: `must be one of ${answerTypes.join(', ')}` });
    return z.NEVER;
  })
  .meta({ example: 'text/plain' });

const signingMembers = {
  in: place.meta({ description: 'Where the signature is: `query:NAME`, `body:NAME` or `header:NAME`', example: 'query:hash' }),
  algorithm: z.enum([...digestAlgorithms, ...hmacAlgorithms]),
  encoding: z.enum(encodings).optional().meta({ description: 'Default: `hex`' }),
  message: z
    .union([message, z.strictObject({ GET: message, POST: message })])
    .meta({ description: 'The text that is signed, with placeholders; or one for each method', example: '{userID}{revenue}{secret}' }),
  timestamp: z
    .strictObject({ in: place, unit: z.enum(['s', 'ms']), max_age_seconds: z.int().min(1).max(86_400) })
    .optional()
    .meta({ description: 'The time of signing; requests too far from it in time are refused' }),
  prefix: plainText(50).optional(),
  exclude: parameterNames.optional(),
  skip_empty: parameterNames.optional(),
  covers: parameterNames.optional().meta({ description: 'Parameters that the signature covers; absent: those in the message' }),
  one_text: z
    .boolean()
    .optional()
    .meta({ description: 'The signed text identifies one payment, although it does not contain the transaction' }),
};
const amountMembers = { unit: z.enum(['major', 'minor']).optional(), negative: z.enum(['refuse', 'reverses']).optional() };
const statusMembers = {
  words: z
    .record(z.string().min(1).max(100), z.union([z.enum([...postbackStatuses, 'log']), z.null()]))
    .refine(fewEnough, tooMany)
    .optional()
    .meta({ description: '`log`: the postback is only logged; `null`: the word says nothing, and the next name is read' }),
  absent: z.enum(['approved', 'held']).optional(),
};
const reversalMembers = {
  when: marks.optional(),
  events: z.array(z.string().min(1).max(100)).max(20).optional(),
  original: parameterName.optional(),
  id_prefix: plainText(50).optional(),
  own_id: z.boolean().optional(),
  rejected_is_chargeback: z.boolean().optional(),
};
const eventMembers = {
  names: z
    .record(z.string().min(1).max(100), z.union([z.string().min(1).max(100), z.null()]))
    .refine(fewEnough, tooMany)
    .optional(),
  unknown: z.enum(['hold', 'log', 'complete']).optional(),
  zero_payout: z.literal('log').optional(),
};
const answerMembers = {
  accepted: text.nullish(),
  duplicate: text.nullish(),
  held: text.nullish(),
  error: text.nullish(),
  content_type: answerType.optional(),
};

const parts = {
  custom: parameterNames
    .max(mostEntries)
    .optional()
    .meta({ description: 'Further names that the network sends and that mean nothing to us' }),
  shared_secret: z.strictObject({ in: place }).optional().meta({ description: 'Instead of a signature: the secret is sent as it is' }),
  test: marks.optional(),
  repeat: z.enum(['once', 'per_transaction']).optional(),
  match_by_transaction: z.boolean().optional(),
  paste: z
    .array(
      z
        .string()
        .max(2_000)
        .regex(/^(?:[?/][^\s]*)?$/, 'must begin with ? or /, or be empty'),
    )
    .max(10)
    .optional()
    .meta({ description: "What follows the postback URL, in the network's own macros" }),
  wall: plainText(500).optional(),
  addresses: z.array(z.string().max(50)).max(500).optional(),
};
const names = z.partialRecord(z.enum(standardParameters), parameterNames);

/** A network without its id, as it is stored under that id. */
export const networkBody = z
  .strictObject({
    title: nameText,
    docs: z
      .url({ protocol: /^https?$/ })
      .max(500)
      .optional(),
    checked: z
      .string()
      .regex(/^\d{4}-\d{2}$/, 'must be a year and a month such as 2026-11')
      .optional()
      .meta({ example: '2026-11' }),
    notes: z.string().max(5_000).optional(),
    names: names.meta({
      description: '`{our: [their names]}`: the first name that is present counts; an empty list: the network never sends it',
    }),
    signing: z.strictObject(signingMembers).optional(),
    amount: z.strictObject(amountMembers).optional(),
    statuses: z.strictObject(statusMembers).optional(),
    reversal: z.strictObject(reversalMembers).optional(),
    events: z.strictObject(eventMembers).optional(),
    answer: z.strictObject(answerMembers).optional(),
    ...parts,
  })
  .meta({ id: 'NetworkBody' });

/** What an answer shows beside a network. It may be sent back, so that nobody has to take it out first. */
const shownBeside = z.unknown().optional().meta({ description: 'Part of the answer; ignored when it is sent' });
const besides = { built_in: shownBeside, open: shownBeside, created_at: shownBeside, updated_at: shownBeside };

function withoutBesides<Sent extends { readonly [Name in keyof typeof besides]?: unknown }>(sent: Sent): Omit<Sent, keyof typeof besides> {
  const { built_in: _built, open: _open, created_at: _created, updated_at: _updated, ...network } = sent;
  return network;
}

/** A network that is sent to replace another; its id may be left out. */
export const networkReplacement = networkBody
  .extend({ network_id: networkId.optional(), ...besides })
  .meta({ id: 'NetworkReplacement' })
  .transform(withoutBesides);

/** A whole network. Faults that only show in the whole are reported with the path of the field. */
export const networkDefinition = networkBody
  .extend({ network_id: networkId, ...besides })
  .meta({ id: 'NetworkDefinition' })
  .transform(withoutBesides)
  .superRefine((network, context) => {
    for (const { path, message: why } of problemsOf(network)) context.addIssue({ code: 'custom', path, message: why });
  });
networkDefinition satisfies z.ZodType<Network>;

const optionalMembers = <Shape extends Record<string, z.ZodType>>(shape: Shape) => z.strictObject(shape).partial();

/** A partner's differences from its network: any part of it, or `null` for a part that does not apply to this partner. */
export const networkSettings = z
  .strictObject({
    names: z.partialRecord(z.enum(standardParameters), parameterNames.nullable()).nullable(),
    signing: optionalMembers(signingMembers).nullable(),
    amount: optionalMembers(amountMembers).nullable(),
    statuses: optionalMembers(statusMembers).nullable(),
    reversal: optionalMembers(reversalMembers).nullable(),
    events: optionalMembers(eventMembers).nullable(),
    answer: optionalMembers(answerMembers).nullable(),
    custom: parts.custom.nullable(),
    shared_secret: parts.shared_secret.nullable(),
    test: parts.test.nullable(),
    repeat: parts.repeat.nullable(),
    match_by_transaction: parts.match_by_transaction.nullable(),
    paste: parts.paste.nullable(),
    wall: parts.wall.nullable(),
    addresses: parts.addresses.nullable(),
  })
  .partial()
  .meta({ id: 'NetworkSettings' });
networkSettings satisfies z.ZodType<NetworkSettings>;

/** Members of `signing` that describe how a partner signs. */
export const ownSigning = optionalMembers(signingMembers).shape;

export const networkView = networkBody
  .extend({
    network_id: z.string(),
    built_in: z.boolean().meta({ description: 'Ships with the product: it can be copied but not changed' }),
    open: z
      .array(z.string())
      .meta({ description: 'What somebody who has one signed URL could still change; empty if the network does not sign' }),
    created_at: timeText.nullable(),
    updated_at: timeText.nullable(),
  })
  .meta({ id: 'Network' });

interface Problem {
  readonly path: PropertyKey[];
  readonly message: string;
}

/** Faults that a schema of single members cannot find. */
export function problemsOf({ names: sources, signing, shared_secret }: Pick<Network, 'names' | 'signing' | 'shared_secret'>): Problem[] {
  const problems: Problem[] = [];
  const seen = new Map<string, string>();
  for (const [ours, theirs] of Object.entries(sources)) {
    for (const name of theirs) {
      const other = seen.get(name);
      if (other !== undefined && other !== ours) problems.push({ path: ['names', ours], message: `${name} is already read as ${other}` });
      seen.set(name, ours);
    }
  }
  if (signing === undefined) return problems;
  if (shared_secret !== undefined) problems.push({ path: ['shared_secret'], message: 'cannot be combined with signing' });
  for (const method of ['GET', 'POST'] as const) {
    const pieces = piecesOf(signing, method);
    const about = typeof signing.message === 'string' ? ['signing', 'message'] : ['signing', 'message', method];
    if (!signing.algorithm.startsWith('hmac-') && !pieces.some(({ kind }) => kind === 'secret'))
      problems.push({ path: about, message: 'anybody could compute a digest without {secret}' });
    if (pieces.every(({ kind }) => kind === 'text' || kind === 'secret' || kind === 'timestamp' || kind === 'method'))
      problems.push({ path: about, message: 'must contain something from the request' });
    const before = pieces.find((piece) => piece.kind === 'url_before');
    if (before !== undefined && !namesIn(signing.in).includes(before.name))
      problems.push({ path: about, message: 'url_before must name the parameter of the signature' });
    if (typeof signing.message === 'string') break;
  }
  return problems;
}

function hasKnownPlaceholders(template: string): boolean {
  const inside = [...template.matchAll(/\{([^{}]*)\}/g)].map(([, found = '']) => found);
  const known = /^(?:(?:url_before|raw|int|decoded):[^\s{}]+|sorted_(?:query|values):.{0,10}|[^\s{}:]+)$/s;
  return !/[{}]/.test(template.replace(/\{[^{}]*\}/g, '')) && inside.every((found) => known.test(found));
}
