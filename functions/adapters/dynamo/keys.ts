import { budgets, byteLength } from '../../domain/byte-budget.ts';

/** Whether the store takes it as a key: neither empty nor too long (contract 1.7). A row with another key is not there. */
export function fitsKeys({ owner, place }: { readonly owner: string; readonly place: string }): boolean {
  return owner !== '' && byteLength(owner) <= budgets.partitionKey && byteLength(place) <= budgets.sortKey;
}
