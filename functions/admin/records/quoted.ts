import * as z from 'zod';
import type { Quoted } from '../../adapters/dynamo/log-reader.ts';
import type { RecordDependencies } from './dependencies.ts';

/** A transaction is found as it was sent, so the filter may be as long as a parameter. */
const quotedText = z.string().min(1).max(2_048);

/** Filters by the ids that people quote when they ask about a postback. */
export const quotedFilter = {
  transaction_id: quotedText.optional().meta({ description: "The partner's transaction id, as sent" }),
  user_id: quotedText.optional().meta({ description: 'The user of the click' }),
};

interface Asked {
  readonly partner_id?: string | undefined;
  readonly transaction_id?: string | undefined;
  readonly user_id?: string | undefined;
}

/** @returns `undefined` when the request asks for neither a transaction nor a user. */
export async function quotedOf(
  { partnerIds }: Pick<RecordDependencies, 'partnerIds'>,
  { partner_id, transaction_id: transaction, user_id: user }: Asked,
): Promise<Quoted | undefined> {
  if (transaction === undefined && user === undefined) return undefined;
  return { transaction, user, partners: partner_id === undefined ? await partnerIds() : [partner_id] };
}
