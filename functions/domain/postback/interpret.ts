import { carrierNames } from '../networks/carrier.ts';
import type { Coverage } from '../networks/coverage.ts';
import type { Network } from '../networks/network.ts';
import { type Amount, readAmount } from './amounts.ts';
import { type AssignedParameters, assignParameters, dataOf } from './assigned-parameters.ts';
import { currencyOf, minorUnits } from './currency.ts';
import type { Dialect } from './dialect.ts';
import { eventOfPath, type NamedEvent, namedEvent } from './event-names.ts';
import { identityOf } from './identity.ts';
import { looksLikeMacro } from './macros.ts';
import { byName, effective, type Parameter } from './parameter.ts';
import { brokenLimit, mostParameters } from './parameter-limits.ts';
import { sentUnder } from './parameter-path.ts';
import type { NamedThings, Postback, Reading, Refusal, StandardParameter } from './postback.ts';
import { negativeReverses, type SaidStatus, saidStatus } from './said-status.ts';
import { standardValues } from './standard-values.ts';
import { unsignedValues } from './unsigned-values.ts';

type StandardValues = ReadonlyMap<StandardParameter, string>;

/**
 * Reads what a postback says: the partner's names, words, scales and reversals become ours (contract 1.1-1.8).
 * Nothing that was sent makes it throw.
 *
 * @param parameters parameters of a request whose signature has been checked, if the partner signs.
 * @param eventSegment the event in the path, as sent, with its percent-encoding; it wins over a parameter.
 * @param coverage what the signature covers; absent: nothing is signed, or everything is covered.
 */
export function interpret(
  parameters: readonly Parameter[],
  dialect: Dialect,
  eventSegment: string | undefined,
  coverage?: Coverage | undefined,
): Reading {
  const { partner, network } = dialect;
  const refuse = (refusal: Refusal, values?: StandardValues): Reading => {
    return { read: false, refusal, parameters: dataOf(parameters.slice(0, mostParameters)), ...(values && namesIn(values)) };
  };
  const assigned = assignParameters(parameters, dialect.names);
  const limit = brokenLimit(parameters, assigned);
  if (limit !== undefined) return refuse(limit);

  const segment = eventOfPath(eventSegment, dialect.macros);
  const occurrences = new Map(assigned.standard);
  if (segment.event !== undefined) occurrences.delete('event');
  const read = standardValues(occurrences, partner.parameter_defaults, dialect.macros);
  const { values, macros, refusals, broken } = read;
  const clickMacro = macros.get('click_id');
  if (clickMacro !== undefined) {
    return refuse({ code: 'unreplaced_macro', message: `click_id required: the parameter ${clickMacro} still holds its macro` }, values);
  }
  const event = namedEvent(segment.event ?? values.get('event'), network);
  const refusal = segment.refusal ?? refusals[0] ?? event.refusal;
  if (refusal !== undefined) return refuse(refusal, values);

  const sentCurrency = values.get('currency');
  const currency = sentCurrency === undefined ? undefined : currencyOf(sentCurrency);
  if (sentCurrency !== undefined && currency === undefined) {
    return refuse({ code: 'invalid_currency', message: 'currency must be an ISO 4217 code such as USD' }, values);
  }
  const amount = amountOf(values.get('payout'), dialect, currency ?? partner.currency ?? 'USD');
  const said = saidStatus({
    dialect,
    read,
    parameters,
    amount: amount === 'invalid' ? undefined : amount,
    event,
    clickId: values.get('click_id'),
  });
  if (amount === 'invalid' || (amount?.signed === true && !mayBeSigned(said, dialect))) {
    return refuse({ code: 'invalid_payout', message: 'payout must be a plain decimal such as 5.00' }, values);
  }

  const custom = [...assigned.custom, ...read.custom];
  const unsigned = unsignedValues({
    coverage,
    dialect,
    read,
    statuses: said.asked,
    parameters,
    event,
    fromPath: segment.event !== undefined,
  });
  const macroLeft = said.macro || macros.has('event') || (segment.macro === true && !read.sources.has('event'));
  const status = said.status;
  const name = event.reverses && status === 'reversed' ? 'complete' : event.name;
  return {
    read: true,
    unsigned,
    postback: {
      ...plainFields(values),
      ...transactionsOf(values, parameters, said, network),
      status,
      statusWord: said.word,
      heldFor: unsigned.length > 0 ? 'unsigned_value' : macroLeft ? 'unreplaced_macro' : said.unknown ? 'unknown_status' : undefined,
      logged: isInformation(said, amount, network) ? true : undefined,
      rejectedIsChargeback: status === 'rejected' && network?.reversal?.rejected_is_chargeback === true ? true : undefined,
      payout: amount?.value,
      currency,
      event: name,
      eventSent: event.sent,
      unknownEvent: looksLikeMacro(name) ? 'macro' : (network?.events?.unknown ?? 'hold'),
      repeat: partner.repeat ?? network?.repeat,
      matchByTransaction: partner.match_by_transaction ?? network?.match_by_transaction ?? false,
      customData: dataOf(custom),
      identity: identityOf(
        normalised(values, said, amount, name, currency ?? partner.currency ?? 'USD'),
        custom.filter(({ name: theirs }) => !carrierNames(network).includes(theirs)),
      ),
      flags: [
        ...(broken || hasBrokenValue(assigned.custom) ? (['invalid_encoding'] as const) : []),
        ...(assigned.nearMiss ? (['near_miss_name'] as const) : []),
      ],
    },
  };
}

function amountOf(text: string | undefined, { network }: Dialect, currency: string): Amount | undefined | 'invalid' {
  if (text === undefined) return undefined;
  return readAmount(text, network?.amount?.unit === 'minor' ? minorUnits(currency) : 0) ?? 'invalid';
}

/** Whether an amount may be below zero: in a take-back, or for a partner whose negative amounts take back (contract 1.7). */
function mayBeSigned({ takesBack }: SaidStatus, dialect: Dialect): boolean {
  return takesBack || negativeReverses(dialect);
}

/**
 * Whether the postback is only information: the network's status word says so, or the amount is 0 and the network says that this means it.
 */
function isInformation({ status, logged }: SaidStatus, amount: Amount | undefined, network: Network | undefined): boolean {
  const pays = status === 'approved' || status === 'pending';
  return logged || (pays && network?.events?.zero_payout === 'log' && amount?.value.eq(0) === true);
}

/**
 * Which transaction is meant. If take-backs of a network have ids of their own, also the transaction that they take back (contract 1.8).
 */
function transactionsOf(
  values: StandardValues,
  parameters: readonly Parameter[],
  { takesBack }: SaidStatus,
  network: Network | undefined,
): Pick<Postback, 'transactionId' | 'originalTransactionId' | 'ownId'> {
  const transactionId = values.get('transaction_id');
  const { original, id_prefix: prefix, own_id: ownId } = network?.reversal ?? {};
  const named = original === undefined ? undefined : effective(sentUnder(parameters, original))[0]?.text?.trim();
  const rest = prefix !== undefined && transactionId?.startsWith(prefix) ? transactionId.slice(prefix.length) : undefined;
  const originalTransactionId = values.get('original_transaction_id') ?? (takesBack ? named || rest || undefined : undefined);
  return {
    transactionId,
    originalTransactionId,
    ownId: takesBack && ownId === true && originalTransactionId === undefined ? true : undefined,
  };
}

/** The ids by which people find a request, whatever else it says. */
function namesIn(values: StandardValues): NamedThings {
  return { clickId: values.get('click_id'), transactionId: values.get('transaction_id'), userId: values.get('user_id') };
}

function plainFields(values: StandardValues) {
  return {
    clickId: values.get('click_id'),
    offerReferences: [...new Set([values.get('offer_id'), values.get('survey_id')].filter((sent) => sent !== undefined))],
    partnerConversionId: values.get('conversion_id'),
    reason: values.get('reason'),
    userId: values.get('user_id'),
    affiliateId: values.get('affiliate_id'),
    subIds: Object.fromEntries([...values].filter(([name]) => name.startsWith('sub_id'))),
    country: values.get('country'),
    deviceId: values.get('device_id'),
    ip: values.get('ip'),
    userAgent: values.get('user_agent'),
  } satisfies Partial<Postback>;
}

function normalised(
  values: ReadonlyMap<string, string>,
  { status, word }: SaidStatus,
  amount: Amount | undefined,
  event: NamedEvent['name'],
  currency: string,
): ReadonlyMap<string, string> {
  const all = new Map(values).set('event', event).set('currency', currency);
  all.set('status', status ?? `unknown ${word?.toLowerCase() ?? ''}`);
  return amount === undefined ? all : all.set('payout', amount.value.toFixed());
}

function hasBrokenValue(custom: AssignedParameters['custom']): boolean {
  return [...byName(custom).values()].flatMap(effective).some(({ broken }) => broken);
}
