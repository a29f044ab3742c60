import { budgets, byteLength } from '../../domain/byte-budget.ts';

/** Whether the store accepts the key: not empty, and not too long (contract 1.7). A row with any other key cannot exist. */
export function fitsKeys({ owner, place }: { readonly owner: string; readonly place: string }): boolean {
  return owner !== '' && byteLength(owner) <= budgets.partitionKey && byteLength(place) <= budgets.sortKey;
}
