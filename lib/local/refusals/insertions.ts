import { type Json, listAt, textAt } from './call.ts';

/**
 * The rows that a `BatchExecuteStatement` inserts, each in the form of a put.
 *
 * @returns `undefined`: it does something else, which no call of ours does.
 */
export function insertionsOf(body: Json): readonly Json[] | undefined {
  const insertions = listAt(body, 'Statements').map((statement): Json | undefined => {
    const [, TableName, tuple = ''] = /^INSERT INTO "([^"]+)" VALUE \{(.*)\}$/.exec(textAt(statement, 'Statement')) ?? [];
    const values = listAt(statement, 'Parameters');
    const names = [...tuple.matchAll(/'([^']+)': \?/g)].map(([, name = '']) => name);
    return TableName === undefined ? undefined : { TableName, Item: Object.fromEntries(names.map((name, at) => [name, values[at]])) };
  });
  const known = insertions.filter((insertion) => insertion !== undefined);
  return known.length === insertions.length ? known : undefined;
}
