/**
 * Does the same with many, so many at a time that neither the store nor the function's memory is overrun.
 *
 * @returns the results in the order of the items.
 * @throws what `work` throws first; what is under way goes on.
 */
export async function inTurns<Item, Result>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Result>,
  atOnce = 32,
): Promise<Result[]> {
  const results: Result[] = [];
  // Every lane takes from the same queue.
  const queue = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item, index);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane));
  return results;
}
