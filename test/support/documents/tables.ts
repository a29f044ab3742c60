import { signDelivery } from '../../../functions/adapters/http/signing.ts';
import { errorCodes, heldCodes } from '../../../functions/domain/codes.ts';
import { type DeliveryFieldName, deliveryFieldNames, deliveryMacros } from '../../../functions/domain/delivery/fields.ts';
import { retryDelays } from '../../../functions/domain/delivery/schedule.ts';
import { templateFunctions } from '../../../functions/domain/delivery/template-functions.ts';
import { type StandardParameter, standardParameters } from '../../../functions/domain/postback/postback.ts';
import { aliases } from '../../../functions/domain/postback/standard-names.ts';
import { words } from '../../../functions/domain/postback/status-words.ts';
import type { Preset } from '../../../functions/domain/presets/preset.ts';
import { presets } from '../../../functions/domain/presets/presets.ts';
import { type PostbackResult, type PostbackStatus, postbackResults, postbackStatuses } from '../../../functions/domain/status.ts';

/**
 * The tables of the documents that repeat what the code says, made from it. What a person has to explain is written here, by name,
 * so that a new parameter, field or result does not compile until it is explained.
 */
export const tables: Readonly<Record<string, () => string>> = {
  'error-codes': () =>
    table(
      ['HTTP', '`code`', '`message`', 'send it again?'],
      Object.entries(errorCodes).map(([code, { http, message }]) => [String(http), `\`${code}\``, message, againAfter(http)]),
    ),
  'held-codes': () =>
    table(
      ['`code`', 'why it waits for a person'],
      Object.entries(heldCodes).map(([code, why]) => [`\`${code}\``, why]),
    ),
  results: () =>
    table(
      ['`result`', 'meaning'],
      postbackResults.flatMap((result) => (results[result] === undefined ? [] : [[`\`${result}\``, results[result]]])),
    ),
  statuses: () =>
    table(
      ['`status`', 'words', 'what it does'],
      postbackStatuses.map((status) => [`\`${status}\``, words[status].split(' ').join(', '), statuses[status]]),
    ),
  parameters: () =>
    table(
      ['parameter', 'also accepted as', 'meaning'],
      standardParameters.map((name) => [`\`${name}\``, listed(aliases[name] ?? []), parameters[name]]),
    ),
  macros: () =>
    table(
      ['macro', 'also written', 'value'],
      deliveryFieldNames.map((name) => [`{${name}}`, listed(synonymsOf(name).map((other) => `{${other}}`)), fields[name]].map(macroCell)),
    ),
  functions: () =>
    table(
      ['function', 'what it makes', 'of', 'becomes'],
      Object.entries(templateFunctions).map(([name, { summary, example }]) => [
        `\`${name}\``,
        `${summary}: \`${cell(example[0])}\``,
        example[1] === '' ? 'nothing' : `\`${example[1]}\``,
        `\`${example[2]}\``,
      ]),
    ),
  'signature-vector': () =>
    table(
      ['', ''],
      [
        ['secret', `\`${vector.secret}\``],
        ['`webhook-id`', `\`${vector.id}\``],
        ['`webhook-timestamp`', `\`${vector.timestamp}\``],
        ['payload of a GET (the target)', `\`${vector.target}\``],
        ['its `webhook-signature`', `\`${signatureOf(vector.target)}\``],
        ['payload of a POST (the body)', `\`${vector.body}\``],
        ['its `webhook-signature`', `\`${signatureOf(vector.body)}\``],
      ],
    ),
  retries: () =>
    table(
      ['failed attempt', ...retryDelays.map((_, index) => String(index + 1)), String(retryDelays.length + 1)],
      [['next one after', ...retryDelays.map(durationText), 'never: `dead`']],
    ),
  presets: () =>
    table(
      ['preset', 'click id', 'transaction', 'amount', 'status', 'signature in', 'answer'],
      [...presets.values()].map((preset) => [
        `[\`${preset.name}\`](#${preset.name})`,
        sourceOf(preset, 'click_id'),
        sourceOf(preset, 'transaction_id'),
        sourceOf(preset, 'payout') + (preset.payoutUnit === '0.01' ? ', in cents' : ''),
        preset.parameters.status ? sourceOf(preset, 'status') : 'none',
        carrierOf(preset),
        answerOf(preset),
      ]),
    ),
  addresses: () =>
    table(
      ['preset', 'addresses'],
      [...presets.values()].flatMap(({ name, addresses }) => (addresses === undefined ? [] : [[`\`${name}\``, addresses.join(', ')]])),
    ),
};

/** Fixed, so that anybody can check a script of their own. */
const vector = {
  secret: 'whsec_cHVibGlzaGVyLXNlY3JldC1vZi10aGUtdGVzdC12ZWM=',
  id: '01M8CZ0F4XZ27Y6QZYYDCG7G23',
  timestamp: 1_769_860_800,
  target: '/postback?user=user%201&points=4.00&status=approved&id=01M8CZ0F4XZ27Y6QZYYDCG7G23',
  body: '{"user_id":"user 1","points":"4.00","status":"approved"}',
} as const;

function signatureOf(payload: string): string {
  return signDelivery(vector.id, vector.timestamp, payload, [vector.secret])['webhook-signature'];
}

/** A bar would end the cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

/** A document with its generated parts made anew. @throws Error for a part that nothing generates. */
export function withTables(text: string, generatedPart: RegExp): string {
  return text.replace(generatedPart, (_, name: string) => {
    const make = tables[name];
    if (make === undefined) throw new Error(`nothing generates ${name}`);
    return `<!-- generated: ${name} -->\n\n${make()}\n\n<!-- end -->`;
  });
}

const results: Readonly<Record<PostbackResult, string | undefined>> = {
  accepted: 'It changed a conversion. Points and notifications follow within seconds.',
  duplicate: 'We have it already. Nothing happens twice; nothing is wrong.',
  held: 'It is recorded, pays nobody yet, and waits for a person. `code` says why.',
  logged: 'An event that never pays, such as `terminate`: kept in the log.',
  test: 'Checked and logged; nothing else happened.',
  // Answers that are errors carry no result.
  error: undefined,
};

const statuses: Readonly<Record<PostbackStatus, string>> = {
  approved: 'The user gets points. Also what a postback without a status means',
  pending: 'No points yet; the publisher is told what is coming',
  rejected: 'No points; what an approval had credited is taken back',
  reversed: 'A chargeback: what was credited is taken back, or the part named in `payout`',
  test: 'Nothing; so does any click id that begins with `TEST-`',
};

const parameters: Readonly<Record<StandardParameter, string>> = {
  click_id: '**Required.** The id that our tracking link handed you',
  status: 'See [status](#status). Absent: `approved`',
  payout: 'What you pay us, a plain decimal such as `5.00`. Absent: `0`, and held where we share a percentage',
  currency: 'ISO 4217, such as `EUR`. Absent: the one agreed with you, else `USD`',
  offer_id: 'Your own id of the offer',
  survey_id: 'The same, for surveys',
  transaction_id: 'Your id of this payment. Absent: we make one',
  conversion_id: 'Your id of the conversion, kept with ours',
  event: 'See [events](#events). Absent: `complete`. In the path it wins: `/postback/YOUR_KEY/deposit`',
  user_id: 'Kept. Who is paid is decided by the click',
  affiliate_id: 'Kept, and handed on to the publisher',
  sub_id: 'Kept',
  sub_id1: 'Kept',
  sub_id2: 'Kept',
  sub_id3: 'Kept',
  sub_id4: 'Kept',
  sub_id5: 'Kept',
  country: 'Of the user, such as `DE`',
  device_id: 'Of the user',
  ip: 'Of the user',
  user_agent: 'Of the user',
  reason: 'Why it was rejected or reversed',
};

const fields: Readonly<Record<DeliveryFieldName, string>> = {
  click_id: "our id of the user's click",
  conversion_id: 'our id of the conversion: the same for all its changes',
  transaction_id: "the network's id of the payment",
  status: '`pending`, `approved`, `rejected` or `reversed`',
  event: '`complete`, or the goal that was reached, such as `deposit`',
  payout: 'what you earn, in `currency`; **negative** when it is taken back',
  points: 'what the user gets; **negative** when it is taken back',
  currency: 'of `payout`, such as `USD`',
  offer_id: 'our id of the offer',
  offer_name: 'its name',
  campaign_id: "the network's id of the offer",
  user_id: 'your user, as you named them in the tracking link',
  affiliate_id: 'as the network sent it',
  publisher_id: 'you',
  placement_id: 'your wall or app, if the click named one',
  username: 'as you sent it with the click',
  sub_id1: 'your own value from the tracking link',
  sub_id2: 'the same',
  sub_id3: 'the same',
  sub_id4: 'the same',
  sub_id5: 'the same',
  ip: "the user's address",
  country: "the user's country",
  device_id: "the user's device",
  timestamp: 'when the change was received, in Unix seconds',
  reason: 'why it was rejected or reversed',
  delivery_id: 'the same for every attempt: [drop repeats](#repeats) by it',
  sequence: 'counts the changes of a conversion, 1, 2, 3: [drop what is older](#order) than what you have',
  signature: 'what your own [`sign`](#your-own-signature) makes of the others',
};

function againAfter(http: number): string {
  if (http === 503) return 'yes, after `Retry-After`';
  if (http === 429) return 'yes, more slowly';
  return 'no: fix it first';
}

function synonymsOf(field: DeliveryFieldName): string[] {
  return [...deliveryMacros].flatMap(([name, stands]) => (stands === field && name !== field ? [name] : []));
}

function sourceOf({ parameters: names }: Preset, standard: StandardParameter): string {
  return listed(names[standard] ?? [standard]);
}

function carrierOf({ signature }: Preset): string {
  if (signature === undefined) return 'none';
  return signature.carrier.kind === 'header' ? `header \`${signature.carrier.name}\`` : listed(signature.carrier.names);
}

function answerOf({ response }: Preset): string {
  if (response?.success === undefined) return 'JSON';
  const repeated = response.duplicate !== undefined && response.duplicate !== response.success;
  return `\`${response.success}\`${repeated ? `, repeats \`${response.duplicate}\`` : ''}`;
}

function durationText(milliseconds: number): string {
  const seconds = milliseconds / 1_000;
  if (seconds < 60) return `${seconds} s`;
  return seconds < 3_600 ? `${seconds / 60} min` : `${seconds / 3_600} h`;
}

function macroCell(text: string, column: number): string {
  return column === 0 ? `\`${text}\`` : text;
}

function listed(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => (cell === '' ? ' ' : cell)).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
