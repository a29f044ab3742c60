import { ulid } from 'ulid';
import * as z from 'zod/mini';
import type { ClickId } from '../domain/ids.ts';
import { clickId } from './dynamo/click-store.ts';

/** A time-ordered unique id: 48 bits of time and 80 random bits, in upper case. */
export function newId(): string {
  return ulid();
}

/** `CLK-` and 80 random bits, upper case (contract 1.9). */
export function newClickId(): ClickId {
  return z.parse(clickId, `CLK-${ulid()}`);
}
