import { expect } from '@jest/globals';
import type { Reply } from '../../../functions/receiver/receive-postback.ts';
import { Bench, type BenchOptions } from './bench.ts';
import { type Campaign, type CampaignOptions, payout, points } from './campaign.ts';
import { conclude, Ledger } from './experiment.ts';
import type { Instance } from './instance.ts';
import type { Verdict } from './oracle.ts';

/** Longer than the sweeper's grace period, and than the time after which the sweeper looks at the same work again. */
export const later = 400_000;

/** A bench with one campaign, and what its experiments expect. Each experiment ends with a verdict of its own. */
export class BenchRun {
  readonly bench: Bench;
  readonly campaign: Campaign;
  readonly ledger = new Ledger();
  private concluded = 0;

  private constructor(bench: Bench, campaign: Campaign) {
    this.bench = bench;
    this.campaign = campaign;
  }

  static async start(options?: BenchOptions, campaign?: CampaignOptions): Promise<BenchRun> {
    const bench = await Bench.start(options);
    return new BenchRun(bench, await bench.campaign(campaign));
  }

  stop(): Promise<void> {
    return this.bench.stop();
  }

  /** Creates a click that must have these points in the end. */
  async click(worth: string = points, user?: string): Promise<string> {
    const click = await this.bench.click(this.campaign, user);
    this.ledger.expect(click, worth);
    return click;
  }

  /** Sends a postback about a click; its status is approved by default. */
  async send(
    click: string,
    more: Readonly<Record<string, string>> = {},
    instance?: Instance,
    clock?: () => number,
  ): Promise<Reply | 'killed'> {
    const reply = await this.bench.postback(
      this.campaign.key,
      { click_id: click, payout, transaction_id: `tx-${click}`, ...more },
      instance,
      clock,
    );
    if (reply !== 'killed' && reply.result === 'accepted') this.ledger.acknowledge(click);
    return reply;
  }

  /** Sends a postback that must be accepted. */
  async accepted(worth?: string, user?: string): Promise<string> {
    const click = await this.click(worth, user);
    expect(await this.send(click)).toMatchObject({ result: 'accepted' });
    return click;
  }

  /** Lets time pass, so that hidden messages come again and the sweeper runs. */
  async recover(): Promise<number> {
    await this.bench.work();
    await this.bench.pass(later);
    await this.bench.pass(later);
    return 2 * later;
  }

  /** Asks the oracle for its verdict on everything so far, and counts what was acknowledged since the last verdict. */
  conclude(experiment: string, runs: number, more: { readonly recoveryMs?: number; readonly note?: string } = {}): Promise<Verdict> {
    const acknowledged = new Set([...this.ledger.acknowledged].slice(this.concluded));
    this.concluded = this.ledger.acknowledged.size;
    const { client, names, now, publisher } = this.bench;
    return conclude(
      { experiment, runs, ownClock: true, ...more },
      { client, names, now, expectation: { acknowledged, points: this.ledger.points }, publishers: [publisher] },
    );
  }
}
