/** Whether a person has changed any of these values in a form: undefined means unchanged, null means emptied. */
export function anyChanged(...values: readonly unknown[]): boolean {
  return values.some((value) => value !== undefined);
}
