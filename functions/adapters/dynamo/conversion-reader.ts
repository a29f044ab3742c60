import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { Conversion } from '../../domain/conversion.ts';
import { isPostbackId } from '../../domain/conversion-id.ts';
import { shardsOf } from '../../domain/shards.ts';
import { batchGet } from './batch-get.ts';
import { conversionRow, type HeldRow, heldRow } from './conversion-row.ts';
import { having, type Listing, listShards, type Position, type Row } from './listing.ts';

/** Which conversions; what is absent is not asked for. */
interface ConversionFilter {
  readonly partner?: string | undefined;
  readonly publisher?: string | undefined;
  readonly offer?: string | undefined;
  readonly status?: string | undefined;
  /** Log ids of the first and last postback that began one, inclusive. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** What is listed as a conversion: one, or a postback that is held and may become one. */
export type Listed = { readonly kind: 'conversion'; readonly conversion: Conversion } | { readonly kind: 'held'; readonly held: HeldRow };

interface ConversionPage {
  readonly listed: readonly Listed[];
  readonly next: Position | undefined;
}

export interface ConversionReader {
  /** Consistent read. The id of a held postback finds the conversion that it has become. */
  find(id: string): Promise<Listed | undefined>;
  /** Newest first. Without a partner, those that are not settled yet are missing. */
  list(filter: ConversionFilter, limit: number, after: Position | undefined): Promise<ConversionPage>;
}

const listedKeys = z.array(z.object({ conversion_id: z.string() }));
const pointer = z.object({ became: z.string() });
/** A held postback that was held again for another reason, and then became a conversion: no longer chain is made. */
const mostHops = 5;

export function createConversionReader(client: DynamoDBDocumentClient, table: string): ConversionReader {
  const read = async (id: string): Promise<Row | undefined> => {
    const { Item } = await client.send(new GetCommand({ TableName: table, Key: { conversion_id: id }, ConsistentRead: true }));
    return Item;
  };
  return {
    async find(id) {
      let row = await read(id);
      for (let hop = 0; hop < mostHops && row !== undefined; hop += 1) {
        const { success: moved, data } = z.safeParse(pointer, row);
        if (!moved) return listedOf(row);
        row = await read(data.became);
      }
      return undefined;
    },
    async list({ partner, publisher, offer, status, from, to }, limit, after) {
      const { rows, next } = await listShards(client, {
        table,
        ...indexFor(partner, publisher),
        sort: 'listed_at',
        only: 'conversion_id',
        from,
        to,
        filter: having({ offer_id: offer, status, ...(publisher === undefined ? {} : { partner_id: partner }) }),
        limit,
        after,
      });
      const ids = z.parse(listedKeys, rows).map(({ conversion_id }) => conversion_id);
      const found = await batchGet(
        client,
        table,
        [...new Set(ids)].map((id) => ({ conversion_id: id })),
      );
      const byId = new Map(found.map((row) => [row['conversion_id'], listedOf(row)]));
      return { listed: ids.flatMap((id) => byId.get(id) ?? []), next };
    },
  };
}

function indexFor(partner: string | undefined, publisher: string | undefined): Pick<Listing, 'index' | 'partition' | 'shards'> {
  if (publisher !== undefined) return { index: 'by-publisher', partition: 'publisher_shard', shards: shardsOf(publisher) };
  if (partner !== undefined) return { index: 'by-partner', partition: 'partner_shard', shards: shardsOf(partner) };
  return { index: 'by-time', partition: 'time_shard', shards: shardsOf() };
}

/** `undefined`: a row that only guards against repetition. */
function listedOf(row: Row): Listed | undefined {
  if (!isPostbackId(String(row['conversion_id']))) return { kind: 'conversion', conversion: z.parse(conversionRow, row) };
  const held = z.safeParse(heldRow, row);
  return held.success ? { kind: 'held', held: held.data } : undefined;
}
