import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import type { Conversion } from '../../domain/conversion.ts';
import { conversionItem, conversionRow } from './conversion-row.ts';

/** A conversion for a message: its row, as the store writes it, so that no amount changes on the way. */
export function toldConversion(conversion: Conversion): Record<string, AttributeValue> {
  return marshall(conversionItem(conversion), { removeUndefinedValues: true });
}

/** @returns `undefined` when this version cannot read it; it is then read from the store. */
export function readToldConversion(message: Record<string, AttributeValue> | undefined): Conversion | undefined {
  if (message === undefined) return undefined;
  try {
    return z.safeParse(conversionRow, unmarshall(message, { wrapNumbers: true })).data;
  } catch {
    return undefined;
  }
}
