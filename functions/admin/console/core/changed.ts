/** Whether a person has changed any of these in a form: what was not changed is undefined, what was emptied is null. */
export function anyChanged(...values: readonly unknown[]): boolean {
  return values.some((value) => value !== undefined);
}
