import { namesOf, type Preset, type SentValue } from '../presets/preset.ts';
import type { Partner } from '../settings.ts';
import type { PostbackStatus } from '../status.ts';
import { type Amount, readAmount } from './amounts.ts';
import { assignParameters, dataOf } from './assigned-parameters.ts';
import { currencyOf } from './currency.ts';
import { completeEvent, eventName } from './event-names.ts';
import { identityOf } from './identity.ts';
import { isUnreplacedMacro } from './macros.ts';
import { byName, effective, type Parameter } from './parameter.ts';
import { brokenLimit, isLonger, longestStandardValue, mostParameters, tooLong } from './parameter-limits.ts';
import { decodePathSegment } from './percent-decoding.ts';
import type { Postback, Reading, Refusal, StandardParameter } from './postback.ts';
import { nameReader } from './standard-names.ts';
import { standardValues } from './standard-values.ts';
import { statusOfWord } from './status-words.ts';

/** The settings of a partner that decide what its postbacks say. */
export type PartnerDialect = Pick<Partner, 'parameter_mapping' | 'parameter_defaults' | 'status_mapping' | 'currency'>;

/**
 * Reads what a postback says: names, words, scales and reversals of the partner become ours (contract 1.1-1.8).
 * Nothing that was sent makes it throw.
 *
 * @param parameters of a request whose signature has been checked, if the partner signs.
 * @param eventSegment the path's event as sent, percent-encoding and all; it wins over a parameter.
 */
export function interpret(
  parameters: readonly Parameter[],
  partner: PartnerDialect,
  preset: Preset | undefined,
  eventSegment: string | undefined,
): Reading {
  const refuse = (refusal: Refusal, clickId?: string): Reading => {
    return { read: false, refusal, parameters: dataOf(parameters.slice(0, mostParameters)), clickId };
  };
  const assigned = assignParameters(parameters, nameReader(partner, preset));
  const limit = brokenLimit(parameters, assigned);
  if (limit !== undefined) return refuse(limit);

  const segment = eventOfPath(eventSegment);
  const occurrences = new Map(assigned.standard);
  if (segment.event !== undefined) occurrences.delete('event');
  const { values, macros, refusals, broken } = standardValues(occurrences, partner.parameter_defaults);
  const clickMacro = macros.get('click_id');
  if (clickMacro !== undefined) {
    return refuse({ code: 'unreplaced_macro', message: `click_id required: the parameter ${clickMacro} still holds its macro` });
  }
  const clickId = values.get('click_id');
  const refusal = segment.refusal ?? refusals[0];
  if (refusal !== undefined) return refuse(refusal, clickId);

  const amount = amountOf(values.get('payout'), preset);
  if (amount === 'invalid') return refuse({ code: 'invalid_payout', message: 'payout must be a plain decimal such as 5.00' }, clickId);
  const sentCurrency = values.get('currency');
  const currency = sentCurrency === undefined ? undefined : currencyOf(sentCurrency);
  if (sentCurrency !== undefined && currency === undefined) {
    return refuse({ code: 'invalid_currency', message: 'currency must be an ISO 4217 code such as USD' }, clickId);
  }

  const named = eventOf(segment.event ?? values.get('event'), preset);
  const takenBack = isReversal(parameters, amount, named, preset);
  const event = takenBack && named === preset?.reversal?.event ? completeEvent : named;
  const status = statusOf(values, parameters, takenBack, partner, preset);
  return {
    read: true,
    postback: {
      ...plainFields(values),
      status,
      payout: amount?.value,
      currency,
      event,
      eventSent: named !== completeEvent || values.has('event'),
      unknownEvent: 'hold',
      matchByTransaction: false,
      customData: dataOf(assigned.custom),
      identity: identityOf(
        normalised(values, { status, amount, event, currency: currency ?? partner.currency ?? 'USD' }),
        assigned.custom.filter(({ name }) => !signatureNames(preset).includes(name)),
      ),
      flags: broken || hasBrokenValue(assigned.custom) ? ['invalid_encoding'] : [],
    },
  };
}

/** The event that the path names; blank or a macro, it names none. */
export function eventOfPath(sent: string | undefined): { readonly event?: string; readonly refusal?: Refusal } {
  const { text, broken } = decodePathSegment(sent ?? '');
  if (text.trim() === '' || isUnreplacedMacro(text)) return {};
  if (broken) return { refusal: { code: 'invalid_encoding', message: 'The event in the path holds a broken percent-encoding' } };
  if (isLonger(text, longestStandardValue))
    return { refusal: tooLong(`The event in the path is longer than ${longestStandardValue} characters`) };
  return { event: text };
}

/** Only where the preset says that a negative amount is how the network reverses may an amount be below zero (contract 1.7). */
function amountOf(text: string | undefined, preset: Preset | undefined): Amount | undefined | 'invalid' {
  if (text === undefined) return undefined;
  return readAmount(text, preset?.payoutUnit ?? '1', preset?.reversal?.negativePayout === true) ?? 'invalid';
}

function eventOf(sent: string | undefined, preset: Preset | undefined): string {
  if (sent === undefined) return completeEvent;
  const name = eventName(sent);
  return preset?.noEvent?.includes(name) ? completeEvent : name;
}

function isReversal(parameters: readonly Parameter[], amount: Amount | undefined, event: string, preset: Preset | undefined): boolean {
  const reversal = preset?.reversal;
  if (reversal === undefined) return false;
  return amount?.negative === true || event === reversal.event || wasSent(parameters, reversal.flag);
}

/** A test beats everything, then the network's own mark of a reversal, then the status word (contract 1.5). */
function statusOf(
  values: ReadonlyMap<StandardParameter, string>,
  parameters: readonly Parameter[],
  takenBack: boolean,
  partner: PartnerDialect,
  preset: Preset | undefined,
): PostbackStatus | undefined {
  if (values.get('click_id')?.startsWith('TEST-') || wasSent(parameters, preset?.test)) return 'test';
  const word = values.get('status');
  const status = word === undefined ? 'approved' : statusOfWord(word, partner.status_mapping, preset?.statusWords ?? {});
  return takenBack && status !== 'test' ? 'reversed' : status;
}

/** Any occurrence counts: it can only make a postback pay less. */
function wasSent(parameters: readonly Parameter[], mark: SentValue | undefined): boolean {
  return (
    mark !== undefined &&
    parameters.some(({ name, text }) => name === mark.parameter && mark.values.includes(text?.trim().toLowerCase() ?? ''))
  );
}

function plainFields(values: ReadonlyMap<StandardParameter, string>) {
  return {
    clickId: values.get('click_id'),
    statusWord: values.get('status'),
    offerReferences: [...new Set([values.get('offer_id'), values.get('survey_id')].filter((sent) => sent !== undefined))],
    transactionId: values.get('transaction_id'),
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

interface Normalised {
  readonly status: PostbackStatus | undefined;
  readonly amount: Amount | undefined;
  readonly event: string;
  readonly currency: string;
}

function normalised(values: ReadonlyMap<string, string>, { status, amount, event, currency }: Normalised): ReadonlyMap<string, string> {
  const all = new Map(values).set('event', event).set('currency', currency);
  all.set('status', status ?? `unknown ${all.get('status')?.toLowerCase() ?? ''}`);
  return amount === undefined ? all : all.set('payout', amount.value.toFixed());
}

/** A signature may differ between two sendings of the same postback: it says nothing about the conversion. */
function signatureNames(preset: Preset | undefined): readonly string[] {
  return preset?.signature === undefined ? [] : namesOf(preset.signature.carrier);
}

function hasBrokenValue(custom: readonly Parameter[]): boolean {
  return [...byName(custom).values()].flatMap(effective).some(({ broken }) => broken);
}
