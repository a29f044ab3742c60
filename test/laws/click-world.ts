import { createHash } from 'node:crypto';
import Big from 'big.js';
import { clickId } from '../../functions/adapters/dynamo/click-store.ts';
import { plainPartner } from '../../functions/admin/settings/partner.ts';
import type { Click } from '../../functions/domain/click.ts';
import { type Conversion, isSettled } from '../../functions/domain/conversion.ts';
import type { LedgerEntry } from '../../functions/domain/ledger.ts';
import type { LogEntry } from '../../functions/domain/log-entry.ts';
import type { Postback } from '../../functions/domain/postback/postback.ts';
import { changeConversion } from '../../functions/domain/receiving/change-conversion.ts';
import type { ClickReader, Marked, SettingsReader } from '../../functions/domain/receiving/ports.ts';
import { recordPostback } from '../../functions/domain/receiving/record-postback.ts';
import type { Offer, Partner, Placement, Publisher } from '../../functions/domain/settings.ts';
import type { Books } from '../../functions/domain/settling/ports.ts';
import { settleConversions } from '../../functions/processor/settle-conversions.ts';
import { offerId, partnerId, placementId, publisherId } from '../../functions/runtime/ids.ts';
import { memoryJournal, type Wait } from './memory-journal.ts';
import type { Answer, Story, Telling } from './oracle.ts';

/**
 * One click and the rows that belong to it, in memory, under the conditions that the store keeps: a conversion is only written over the
 * revision that was read, a marker and a ledger entry are written once, and a commit is written completely or not at all. The use cases are
 * the product's own.
 */
export type ClickWorld = {
  /** The receiver's answer; `reject` when the postback could not be accepted. */
  receive(told: Telling, logId: string): Promise<Answer>;
  /** A person changes a conversion. Returns the answer, or the reason why it was not possible. */
  decide(told: Telling, logId: string): Promise<Answer>;
  /** Settles everything that is open. */
  settle(): Promise<void>;
  conversions(): Conversion[];
  ledger(): LedgerEntry[];
};

const fingerprint = (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 22);
const clickedAt = '2026-11-01T00:00:00.000Z';
const now = Date.parse('2026-11-01T01:00:00.000Z');
const CLICK = clickId.parse('CLK-1');

export const worldOf = ({ repeat, terms, defaultCurrency }: Omit<Story, 'tellings'>, wait: Wait = async () => {}): ClickWorld => {
  const rows = new Map<string, Conversion>();
  const marks = new Map<string, Marked>();
  const log = new Map<string, LogEntry>();
  const ledger: LedgerEntry[] = [];

  const partner: Partner = {
    ...plainPartner(partnerId.parse('PARTNER'), 'Partner'),
    fallback_matching: 'off',
    ip_policy: 'off',
    currency: defaultCurrency,
  };
  const own = terms.kind === 'percent' ? { revenue_share_percent: new Big(terms.rate) } : { payout: new Big(terms.rate) };
  const offer: Offer = {
    offer_id: offerId.parse('OFFER'),
    partner_id: partner.partner_id,
    name: 'Offer',
    target_url: 'https://example.com/',
    ...own,
    conversion_window_days: 30,
    repeat,
    goals: [{ event: 'goal', ...own }],
    status: 'active',
  };
  const publisher: Publisher = {
    publisher_id: publisherId.parse('PUB'),
    name: 'Publisher',
    postback_method: 'GET',
    postbacks: [],
    forward_statuses: [],
    payout_overrides: {},
    secrets: [],
  };
  const placement: Placement = {
    placement_id: placementId.parse('PLACE'),
    publisher_id: publisher.publisher_id,
    name: 'Placement',
    exchange_rate: new Big(terms.exchangeRate),
  };
  const click: Click = {
    placement_id: placement.placement_id,
    click_id: CLICK,
    offer_id: offer.offer_id,
    partner_id: partner.partner_id,
    publisher_id: publisher.publisher_id,
    user_id: 'USER',
    sub_ids: {},
    clicked_at: clickedAt,
  };
  const settings: SettingsReader = {
    partner: async () => partner,
    offer: async () => offer,
    publisher: async () => publisher,
    placement: async () => placement,
    offersByReference: async () => [offer],
    rules: async () => [],
  };
  const clicks: ClickReader = {
    async find(id) {
      await wait('find click');
      return id === CLICK ? click : undefined;
    },
    async *recent() {},
  };

  const journal = memoryJournal({ rows, marks, log }, wait);

  const books: Books = {
    async conversion(id) {
      await wait('settle: read');
      return rows.get(id);
    },
    async conversions(wanted) {
      await wait('settle: read many');
      return new Map(wanted.flatMap(({ id }) => [...rows].filter(([key]) => key === id)));
    },
    async tail() {
      await wait('settle: tail');
      const { entry, balance } = ledger.at(-1) ?? { entry: 0, balance: new Big(0) };
      return { entry, balance };
    },
    async commit(settlements, accounts) {
      await wait('settle: commit');
      const entries = accounts.flatMap((one) => one.entries);
      const [first] = entries;
      if (first !== undefined && first.entry !== ledger.length + 1) return false;
      if (settlements.some(({ conversion }) => rows.get(conversion.conversion_id)?.revision !== conversion.revision)) return false;
      for (const { conversion, settled } of settlements)
        rows.set(conversion.conversion_id, {
          ...conversion,
          revision: conversion.revision + 1,
          terms: settled.terms,
          credited: settled.credited,
          settlements: [...conversion.settlements, ...settled.settlements],
        });
      ledger.push(...entries);
      await wait('settle: committed');
      return true;
    },
  };

  const postbackOf = (told: Telling): Postback => ({
    clickId: CLICK,
    status: told.status,
    statusWord: told.status,
    payout: told.amount === undefined ? undefined : new Big(told.amount),
    currency: told.currency,
    offerReferences: [],
    transactionId: told.transaction,
    originalTransactionId: told.original,
    ownId: told.ownId,
    rejectedIsChargeback: told.chargeback,
    event: told.event ?? 'complete',
    eventSent: told.event !== undefined,
    unknownEvent: 'hold',
    matchByTransaction: false,
    reason: told.reason,
    subIds: {},
    customData: {},
    identity: JSON.stringify(told),
    flags: [],
  });

  const entryOf = (logId: string): LogEntry => ({
    log_id: logId,
    partner_id: partner.partner_id,
    key_id: 'KEY',
    received_at: new Date(now).toISOString(),
    result: 'error',
    flags: [],
    click_id: CLICK,
    custom_data: {},
    raw: { method: 'GET', origin: '', path: '', query: '', headers: {}, source_address: '' },
  });
  const answerOf = ({ result, code }: { result: string; code?: string | undefined }): Answer => {
    if (result === 'held') return { kind: 'held', code: code ?? '' };
    if (result === 'accepted' || result === 'duplicate') return { kind: result };
    throw new Error(`answered ${result} ${code}`);
  };

  return {
    async receive(told, logId) {
      const recorded = await recordPostback(
        { settings, clicks, journal, fingerprint, conversionsSince: async () => 0 },
        { partner, postback: postbackOf(told), entry: entryOf(logId), now },
      );
      return answerOf(recorded);
    },
    async decide(told, logId) {
      const found = [...rows.values()].find(
        (one) => one.event === (told.event ?? 'complete') && one.transaction_id === (repeat === 'once' ? undefined : told.transaction),
      );
      if (found === undefined) return { kind: 'held', code: 'nothing' };
      const handled = await changeConversion(
        { settings, journalByHand: () => journal, newId: () => logId, encodeBody: () => '' },
        found,
        {
          status: told.status,
          reason: told.reason ?? 'by hand',
          by: 'ann',
          payout: told.amount === undefined ? undefined : new Big(told.amount),
        },
        new Date(now).toISOString(),
      );
      return handled.done ? { kind: 'accepted' } : { kind: 'held', code: handled.refusal };
    },
    async settle() {
      const open = [...rows.values()].filter((one) => !isSettled(one)).map((one) => ({ conversionId: one.conversion_id }));
      const failed = await settleConversions(
        {
          settings,
          books,
          hints: { send: async () => {} },
          now: () => new Date(now),
          newDeliveryId: () => 'DLV',
          sleep: async () => {},
          random: () => 0.5,
          warn: (event, error) => {
            throw new Error(event, { cause: error });
          },
          measure: () => {},
        },
        open,
      );
      for (const error of failed.values()) throw error;
    },
    conversions: () => [...rows.values()],
    ledger: () => ledger,
  };
};
