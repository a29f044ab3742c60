import { ulid } from 'ulid';
import { createRecords, type RecordDependencies } from '../../../functions/admin/records/dependencies.ts';
import { settleByHand } from '../../../functions/admin/records/settle-by-hand.ts';
import { type Reprocessed, reprocess } from '../../../functions/domain/receiving/reprocess.ts';
import type { HandDecision, Handled } from '../../../functions/domain/receiving/settle-held.ts';
import type { Bench } from './bench.ts';
import type { Instance } from './instance.ts';

/** A person with an admin's token, who uses the admin function's own use cases. The sweeper has to find what is accepted. */
export class Person {
  private readonly records: RecordDependencies;
  private readonly name: string;
  private readonly instance: Instance;

  constructor(bench: Bench, name: string, instance: Instance) {
    const { names } = bench;
    const environment = {
      SETTINGS_TABLE: names.settings,
      KEYS_TABLE: names.keys,
      CLICKS_TABLE: names.clicks,
      POSTBACKS_TABLE: names.postbacks,
      CONVERSIONS_TABLE: names.conversions,
      LEDGER_TABLE: names.ledger,
      DELIVERIES_TABLE: names.deliveries,
      ENDPOINTS_TABLE: names.endpoints,
      STATISTICS_TABLE: names.statistics,
      AUDIT_TABLE: names.audit,
      CONVERSIONS_QUEUE_URL: '',
      CONVERSIONS_DEAD_LETTER_QUEUE_URL: '',
      DELIVERIES_QUEUE_URL: '',
      DELIVERIES_DEAD_LETTER_QUEUE_URL: '',
    };
    this.name = name;
    this.instance = instance;
    const records = createRecords(environment, instance.client(bench.client), bench.queueClient(instance), bench.vault);
    // A person's decisions are logged at the experiment's time, like the partners' postbacks.
    const taking = { ...records.taking, newId: () => ulid(bench.now) };
    this.records = { ...records, taking, now: () => new Date(bench.now) };
  }

  /** Finds the id under which a received postback is held. */
  async heldAs(logId: string): Promise<string> {
    const { conversion_id: id } = (await this.records.logs.find(logId)) ?? {};
    if (id === undefined) throw new Error(`the log does not say as what ${logId} is held`);
    return id;
  }

  /** How often a received postback has been processed again. */
  async decisionsOn(logId: string): Promise<number> {
    return (await this.records.logs.find(logId))?.earlier?.length ?? 0;
  }

  /** Processes a received postback again. */
  async reprocess(logId: string): Promise<Reprocessed | 'killed'> {
    const { logs, findPartner, taking, decodeBody, journalFor, now } = this.records;
    return this.instance.run(async () => {
      const previous = await logs.find(logId);
      if (previous === undefined) throw new Error(`${logId} is not in the log`);
      const audited = { by: this.name, action: 'postback.reprocessed', kind: 'postback', id: logId };
      const journalAgain = () => journalFor(previous, () => audited);
      const partner = await findPartner(previous.partner_id);
      return reprocess({ ...taking, decodeBody, journalAgain }, previous, partner, now().toISOString(), this.name);
    });
  }

  /** Settles a held postback, or changes a conversion. */
  async decide(id: string, decision: Pick<HandDecision, 'status'>): Promise<Handled | 'killed'> {
    return this.instance.run(async () => {
      const found = await this.records.conversions.find(id);
      if (found === undefined) throw new Error(`there is no ${id}`);
      return settleByHand(this.records, found, { ...decision, by: this.name, reason: 'decided by hand' });
    });
  }
}
