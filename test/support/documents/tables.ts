import { signDelivery } from '../../../functions/adapters/http/signing.ts';
import { codeCures } from '../../../functions/domain/code-cures.ts';
import { errorCodes, heldCodes } from '../../../functions/domain/codes.ts';
import { type DeliveryFieldName, deliveryFieldNames, deliveryMacros } from '../../../functions/domain/delivery/fields.ts';
import { retryDelays } from '../../../functions/domain/delivery/schedule.ts';
import { templateFunctions } from '../../../functions/domain/delivery/template-functions.ts';
import { builtInNetworks } from '../../../functions/domain/networks/built-in.ts';
import { carrierOf, placeOf } from '../../../functions/domain/networks/carrier.ts';
import type { Network } from '../../../functions/domain/networks/network.ts';
import { openValues } from '../../../functions/domain/networks/open-values.ts';
import { pasteUrls } from '../../../functions/domain/networks/paste.ts';
import { type StandardParameter, standardParameters } from '../../../functions/domain/postback/postback.ts';
import { aliases } from '../../../functions/domain/postback/standard-names.ts';
import { words } from '../../../functions/domain/postback/status-words.ts';
import { type PostbackResult, type PostbackStatus, postbackResults, postbackStatuses } from '../../../functions/domain/status.ts';
import { lengthOf, readPages, readSupport } from '../../../lib/documents.ts';
import { learningPaths, pathText, supportText } from './suite.ts';

/**
 * The tables of the documents that repeat what the code says; they are made from the code. Explanations that a person has to write are
 * here, by name, so that a new parameter, field or result does not compile until it is explained.
 */
export const tables: Readonly<Record<string, () => string>> = {
  ...Object.fromEntries([...builtInNetworks.values()].map((network) => [`network-${network.network_id}`, () => networkSection(network)])),
  'error-codes': () =>
    table(
      ['HTTP', '`code`', '`message`', 'Send it again?'],
      Object.entries(errorCodes).map(([code, { http, message }]) => [String(http), `\`${code}\``, message, againAfter(http)]),
    ),
  'error-cures': () =>
    table(
      ['HTTP', '`code`', 'Usual cause', 'What to do'],
      Object.entries(errorCodes).map(([code, { http }]) => [String(http), `\`${code}\``, ...explained(code)]),
    ),
  'held-cures': () =>
    table(
      ['`code`', 'Usual cause', 'What to do'],
      Object.keys(heldCodes).map((code) => [`\`${code}\``, ...explained(code)]),
    ),
  pages: () =>
    table(
      ['Page', 'Length', 'Reading time'],
      readPages().flatMap(({ name, file, title, text }) => {
        if (name === 'README') return [];
        const { words, minutes } = lengthOf(text);
        return [[`[${title}](${file})`, `${Math.round(words / 100) * 100 || 100} words`, `${minutes} min`]];
      }),
    ),
  paths: () => learningPaths.map(pathText).join('\n\n'),
  support: () => supportText(readSupport()),
  'held-codes': () =>
    table(
      ['`code`', 'Why it needs a decision'],
      Object.entries(heldCodes).map(([code, why]) => [`\`${code}\``, why]),
    ),
  results: () =>
    table(
      ['`result`', 'Meaning'],
      postbackResults.flatMap((result) => (results[result] === undefined ? [] : [[`\`${result}\``, results[result]]])),
    ),
  statuses: () =>
    table(
      ['`status`', 'Words', 'What it does'],
      postbackStatuses.map((status) => [`\`${status}\``, words[status].split(' ').join(', '), statuses[status]]),
    ),
  parameters: () =>
    table(
      ['Parameter', 'Also accepted as', 'Meaning'],
      standardParameters.map((name) => [`\`${name}\``, listed(aliases[name] ?? []), parameters[name]]),
    ),
  macros: () =>
    table(
      ['macro', 'also written', 'value'],
      deliveryFieldNames.map((name) => [`{${name}}`, listed(synonymsOf(name).map((other) => `{${other}}`)), fields[name]].map(macroCell)),
    ),
  functions: () =>
    table(
      ['function', 'result', 'value', 'becomes'],
      Object.entries(templateFunctions).map(([name, { summary, example }]) => [
        `\`${name}\``,
        `${summary}: \`${cell(example[0])}\``,
        example[1] === '' ? 'empty' : `\`${example[1]}\``,
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
  networks: () =>
    table(
      ['preset', 'click id', 'transaction', 'amount', 'status', 'verified by', 'answer'],
      networks.map((network) => [
        `[\`${network.network_id}\`](#${network.network_id})`,
        sourceOf(network, 'click_id'),
        sourceOf(network, 'transaction_id'),
        amountOf(network),
        network.names.status === undefined ? 'none' : sourceOf(network, 'status'),
        believedBy(network),
        answerOf(network),
      ]),
    ),
  open: () =>
    table(
      ['preset', 'signed text', 'what anyone with one signed URL could change'],
      networks.flatMap((network) =>
        network.signing === undefined
          ? []
          : [[`\`${network.network_id}\``, `\`${messageOf(network)}\``, listed(openValues(network)) || 'nothing']],
      ),
    ),
  addresses: () =>
    table(
      ['preset', 'IP addresses'],
      networks.flatMap(({ network_id, addresses }) => (addresses === undefined ? [] : [[`\`${network_id}\``, addresses.join(', ')]])),
    ),
};

const networks = [...builtInNetworks.values()];

/** Fixed values, so that readers can check a script of their own. */
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

/** A `|` would end the cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

/** Makes the generated parts of a document again. @throws Error for a part that nothing generates. */
export function withTables(text: string, generatedPart: RegExp): string {
  return text.replace(generatedPart, (_, name: string) => {
    const make = tables[name];
    if (make === undefined) throw new Error(`nothing generates ${name}`);
    return `<!-- generated: ${name} -->\n\n${make()}\n\n<!-- end -->`;
  });
}

const results: Readonly<Record<PostbackResult, string | undefined>> = {
  accepted: 'The postback changed a conversion. Points and notifications follow within seconds.',
  duplicate: 'We already have it. Nothing happens twice, and nothing is wrong.',
  held: 'We stored it, but nobody is paid until a person decides. `code` says why.',
  logged: 'An event that never pays, such as `terminate`. It is only logged.',
  test: 'We checked and logged it. Nothing else happened.',
  // Error answers have no `result`.
  error: undefined,
};

const statuses: Readonly<Record<PostbackStatus, string>> = {
  approved: 'The user gets points. A postback without a status means this too',
  pending: 'No points yet; we notify the publisher of what to expect',
  rejected: 'No points; if it had been approved, they are taken back',
  reversed: 'A chargeback: what was credited is taken back, or only the part that you name in `payout`',
  test: 'Nothing. A click id that begins with `TEST-` does the same',
};

const parameters: Readonly<Record<StandardParameter, string>> = {
  click_id: '**Required.** The id from our tracking link',
  status: 'See [status](#status). Default: `approved`',
  payout: 'What you pay us, a plain decimal such as `5.00`. Default: `0`; held if we share a percentage',
  currency: 'ISO 4217, such as `EUR`. Default: the one we agreed on, else `USD`',
  offer_id: 'Your own id for the offer',
  survey_id: 'The same, for surveys',
  transaction_id: 'Your id for this payment. Default: we generate one',
  original_transaction_id: 'The earlier payment that a reversal takes back, if the reversal has an id of its own',
  conversion_id: 'Your id for the conversion; we store it next to ours',
  event: 'See [events](#events). Default: `complete`. An event in the path overrides it: `/postback/YOUR_KEY/deposit`',
  user_id: 'Stored only; the click decides who is paid',
  affiliate_id: 'Stored, and passed on to the publisher',
  sub_id: 'Stored',
  sub_id1: 'Stored',
  sub_id2: 'Stored',
  sub_id3: 'Stored',
  sub_id4: 'Stored',
  sub_id5: 'Stored',
  country: "The user's country, such as `DE`",
  device_id: "The user's device",
  ip: "The user's IP address",
  user_agent: "The user's browser",
  reason: 'Why it was rejected or reversed',
};

const fields: Readonly<Record<DeliveryFieldName, string>> = {
  click_id: "our id for the user's click",
  conversion_id: 'our id for the conversion: the same for all its changes',
  transaction_id: "the network's id for the payment",
  status: '`pending`, `approved`, `rejected` or `reversed`',
  event: '`complete`, or the goal that was reached, such as `deposit`',
  payout: 'what you earn, in `currency`; **negative** when we take it back',
  points: 'what the user gets; **negative** when we take it back',
  currency: 'the currency of `payout`, such as `USD`',
  offer_id: 'our id for the offer',
  offer_name: 'the name of the offer',
  campaign_id: "the network's id for the offer",
  user_id: 'your user, as you named them in the tracking link',
  affiliate_id: 'as the network sent it',
  publisher_id: 'your own id',
  placement_id: 'your wall or app, if the click named one',
  username: 'as you sent it with the click',
  sub_id1: 'your own value from the tracking link',
  sub_id2: 'the same',
  sub_id3: 'the same',
  sub_id4: 'the same',
  sub_id5: 'the same',
  ip: "the user's IP address",
  country: "the user's country",
  device_id: "the user's device",
  timestamp: 'when the change was received, in Unix seconds',
  reason: 'why it was rejected or reversed',
  delivery_id: 'the same for every attempt: [drop repeats](#repeats) by it',
  sequence: 'counts the changes of a conversion, 1, 2, 3: [ignore older statuses](#order) by it',
  signature: 'the signature that your own [`sign`](#your-own-signature) describes',
};

const cures: ReadonlyMap<string, { readonly cause: string; readonly cure: string }> = new Map(Object.entries(codeCures));

function explained(code: string): string[] {
  const { cause = '', cure = '' } = cures.get(code) ?? {};
  return [cause, cure];
}

function againAfter(http: number): string {
  if (http === 503) return 'yes, after `Retry-After`';
  if (http === 429) return 'yes, more slowly';
  return 'no: fix it first';
}

function synonymsOf(field: DeliveryFieldName): string[] {
  return [...deliveryMacros].flatMap(([name, stands]) => (stands === field && name !== field ? [name] : []));
}

/** What an operator needs to set up a network. */
function networkSection(network: Network): string {
  const { title, notes = '', docs, checked, wall } = network;
  const pasted = pasteUrls(network, 'https://postback.example.com/postback/YOUR_KEY').map((url) => `\`\`\`text paste\n${url}\n\`\`\``);
  const facts = [
    ...(wall === undefined ? [] : [`Put our click id here: \`${wall}\`.`]),
    ...(docs === undefined ? [] : [`[Documentation of the network](${docs}).`]),
    ...(checked === undefined ? [] : [`Checked ${checked}.`]),
  ];
  return [`**${title}.** ${notes}`, 'Paste into the dashboard:', ...pasted, facts.join(' ')].join('\n\n');
}

function sourceOf({ names }: Network, standard: StandardParameter): string {
  return listed(names[standard] ?? [standard]);
}

function amountOf(network: Network): string {
  if (network.names.payout?.length === 0) return 'none: fixed offers';
  return sourceOf(network, 'payout') + (network.amount?.unit === 'minor' ? ', in cents' : '');
}

function believedBy({ signing, shared_secret }: Network): string {
  const place = signing?.in ?? shared_secret?.in;
  if (place === undefined) return 'key only';
  const { kind, names } = carrierOf(place);
  return `${shared_secret === undefined ? '' : 'the secret in '}${kind === 'header' ? placeOf(place).replace('the ', '') : listed(names)}`;
}

function messageOf({ signing }: Network): string {
  const message = signing?.message ?? '';
  return typeof message === 'string' ? message : `${message.GET}; POST: ${message.POST}`;
}

function answerOf({ answer }: Network): string {
  if (typeof answer?.accepted !== 'string') return 'JSON';
  const repeated = typeof answer.duplicate === 'string' && answer.duplicate !== answer.accepted;
  return `\`${answer.accepted}\`${repeated ? `, repeats \`${answer.duplicate}\`` : ''}`;
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
