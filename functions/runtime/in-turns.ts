/**
 * Does the same work for many items, but only `atOnce` at a time, so that they overrun neither the store nor the function's memory.
 *
 * @returns the results in the order of the items.
 * @throws the first error that `work` throws; work that has already begun continues.
 */
export async function inTurns<Item, Result>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Result>,
  atOnce = 32,
): Promise<Result[]> {
  const results: Result[] = [];
  // All lanes take their items from the same iterator.
  const queue = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item, index);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane));
  return results;
}
