import * as z from 'zod/mini';
import type { Conversion } from '../../domain/conversion.ts';
import { conversionItem, conversionRow } from './conversion-row.ts';
import { fromWire, toWire } from './wire.ts';

const told = z.object({ Item: conversionRow });

/** A conversion as a message tells it: its row, as the store writes it, so that no amount is changed on the way. */
export function toldConversion(conversion: Conversion): Readonly<Record<string, unknown>> {
  return toWire({ Item: conversionItem(conversion) });
}

/** @returns `undefined`: it is not one that this version can read, and is read from the store. */
export function readToldConversion(message: Readonly<Record<string, unknown>> | undefined): Conversion | undefined {
  if (message === undefined) return undefined;
  try {
    return z.safeParse(told, fromWire(message)).data?.Item;
  } catch {
    return undefined;
  }
}
