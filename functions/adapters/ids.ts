import { ulid } from 'ulid';
import * as z from 'zod/mini';
import type { ClickId } from '../domain/ids.ts';
import { clickId } from './dynamo/click-store.ts';

/** A time-ordered unique id: 48 bits of time and 80 random bits, in upper case. */
export function newId(): string {
  return ulid(undefined, randomness());
}

/** `CLK-` and 80 random bits, upper case (contract 1.9). */
export function newClickId(): ClickId {
  return z.parse(clickId, `CLK-${newId()}`);
}

/** The random letters of one id, from bytes that are asked for at once: one by one they cost twenty times as much. */
function randomness(): () => number {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
  let used = 0;
  return () => {
    const byte = bytes[used] ?? 0;
    used += 1;
    return byte / 256;
  };
}
