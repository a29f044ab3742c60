// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are pieces of source, template strings included
/** A guard taken away, and the experiments that must notice. */
export interface Mutation {
  readonly name: string;
  readonly file: string;
  /** Found exactly once in the file. */
  readonly remove: string;
  readonly put: string;
  /** Test files, and the names of the tests in them, of which at least one must fail. */
  readonly tests: string;
  readonly named?: string;
}

const journal = 'functions/adapters/dynamo/journal.ts';
const books = 'functions/adapters/dynamo/books.ts';
const outbox = 'functions/adapters/dynamo/outbox.ts';

/** What always holds: it takes the place of a condition. */
const always = 'attribute_not_exists(no_such_attribute)';

export const mutations: readonly Mutation[] = [
  {
    name: 'A conversion (or held postback, or marker) is written without asking whether it is there',
    file: journal,
    remove: "      ConditionExpression: 'attribute_not_exists(conversion_id)',\n      ReturnValues",
    put: `      ConditionExpression: '${always}',\n      ReturnValues`,
    tests: 'repetition|order',
    named: '100 at once|same postback',
  },
  {
    name: 'Steps are appended without asking how many there are',
    file: journal,
    remove: "          ConditionExpression: 'size(steps) = :count',\n          UpdateExpression: `SET steps",
    put: "          ConditionExpression: 'size(steps) >= :count OR size(steps) < :count',\n          UpdateExpression: `SET steps",
    tests: 'order',
  },
  {
    name: 'A held postback is remembered without asking how many steps there are',
    file: journal,
    remove: "                  ConditionExpression: 'size(steps) = :count',\n                  UpdateExpression: `${remembered",
    put: "                  ConditionExpression: 'size(steps) >= :count OR size(steps) < :count',\n                  UpdateExpression: `${remembered",
    tests: 'order',
    named: 'held postback',
  },
  {
    name: "A settlement does not ask whether the conversion's steps and settlements are still the same",
    file: books,
    remove:
      "      ConditionExpression: `size(steps) = :steps AND ${first ? 'attribute_not_exists(settlements)' : 'size(settlements) = :done'}`,",
    put: "      ConditionExpression: `(size(steps) >= :steps OR size(steps) < :steps) AND ${first ? 'attribute_not_exists(no_such_attribute)' : 'size(settlements) >= :done'}`,",
    tests: 'order|kills',
    named: 'settl|forward',
  },
  {
    name: 'A ledger entry is written over the one that is there',
    file: books,
    remove: "ConditionExpression: 'attribute_not_exists(entry)',",
    put: `ConditionExpression: '${always}',`,
    tests: 'order|repetition',
    named: 'of one user|two to five',
  },
  {
    name: 'The first attempt of a delivery is written over what is there',
    file: outbox,
    remove: "ConditionExpression: 'attribute_not_exists(delivery_id)'",
    put: `ConditionExpression: '${always}'`,
    tests: 'order|forwarding',
    named: 'first attempt|forwarding',
  },
  {
    name: 'A later attempt is written over another',
    file: outbox,
    remove:
      "            ConditionExpression: `#status = :was AND ${delivery.attempts.length === 0 ? 'attribute_not_exists(attempts)' : 'size(attempts) = :attempts_made'}`,",
    put: "            ConditionExpression: `(#status = :was OR #status <> :was) AND ${delivery.attempts.length === 0 ? 'attribute_not_exists(no_such_attribute)' : 'size(attempts) >= :attempts_made'}`,",
    tests: 'forwarding',
  },
  {
    name: 'A conversion leaves the sweeper without asking whether anything is open',
    file: outbox,
    remove: "ConditionExpression: 'outbox = :id AND size(steps) = size(settlements)',",
    put: "ConditionExpression: 'attribute_exists(conversion_id) OR outbox = :id',",
    tests: 'order',
    named: 'forwarding and another step',
  },
  {
    name: "The sweeper's tidying of a finished conversion does not ask whether it is finished",
    file: books,
    remove: "ConditionExpression: 'attribute_not_exists(outbox) AND size(steps) = size(settlements)',",
    put: "ConditionExpression: 'attribute_exists(conversion_id)',",
    tests: 'forwarding',
    named: 'tidied',
  },
  {
    name: "A publisher's health is written over somebody else's",
    file: 'functions/adapters/dynamo/endpoints.ts',
    remove: "ConditionExpression: version === 0 ? 'attribute_not_exists(publisher_id)' : 'version = :version',",
    put: "ConditionExpression: version === 0 ? 'attribute_not_exists(no_such_attribute)' : 'version >= :version OR version < :version',",
    tests: 'forwarding',
    named: 'health',
  },
  {
    name: 'Due work is taken without asking whether another sweeper has it',
    file: 'functions/adapters/dynamo/due-work.ts',
    remove: "ConditionExpression: 'due_at = :was',",
    put: "ConditionExpression: 'attribute_exists(due_at) OR attribute_not_exists(due_at) OR due_at = :was',",
    tests: 'forwarding',
    named: 'sweeper',
  },
  {
    name: 'A held delivery is released without asking whether it is held',
    file: 'functions/adapters/dynamo/held-deliveries.ts',
    remove: "ConditionExpression: '#status = :held',",
    put: "ConditionExpression: '#status = :held OR #status <> :held',",
    tests: 'forwarding',
    named: 'released',
  },
  {
    name: 'A resend does not ask whether the delivery has changed',
    file: 'functions/adapters/dynamo/resends.ts',
    remove:
      "ConditionExpression: `#status = :was AND ${attempts.length === 0 ? 'attribute_not_exists(attempts)' : 'size(attempts) = :attempts'}`,",
    put: "ConditionExpression: `(#status = :was OR #status <> :was) AND ${attempts.length === 0 ? 'attribute_not_exists(no_such_attribute)' : 'size(attempts) >= :attempts'}`,",
    tests: 'forwarding',
    named: 'resent',
  },
  {
    name: 'A log entry is written although it is there',
    file: journal,
    remove: "previous === undefined ? { ConditionExpression: 'attribute_not_exists(log_id)' } : unchangedSince(previous)",
    put: 'previous === undefined ? {} : unchangedSince(previous)',
    tests: 'by-hand',
    named: 'answer is lost',
  },
  {
    name: 'What was received is processed again without asking whether somebody else has done so',
    file: journal,
    remove: "previous === undefined ? { ConditionExpression: 'attribute_not_exists(log_id)' } : unchangedSince(previous)",
    put: "previous === undefined ? { ConditionExpression: 'attribute_not_exists(log_id)' } : {}",
    tests: 'by-hand',
  },
  {
    name: 'A held postback is set aside without asking whether it is held',
    file: 'functions/adapters/dynamo/held-postbacks.ts',
    remove: "ConditionExpression: '#status = :held',",
    put: "ConditionExpression: '#status = :held OR #status <> :held',",
    tests: 'by-hand',
    named: 'set aside by both',
  },
  {
    name: 'There is no sweeper',
    file: 'functions/sweeper/sweep.ts',
    remove: '  const swept: Swept = { conversions: 0, deliveries: 0, released: 0 };\n',
    put: '  const swept: Swept = { conversions: 0, deliveries: 0, released: 0 };\n  if (now() > 0) return swept;\n',
    tests: 'kills|repetition',
    named: 'never sends again|down for an hour',
  },
  {
    name: 'A commit is several writes one after another',
    file: 'functions/adapters/dynamo/transactions.ts',
    remove: '      await client.send(new TransactWriteCommand({ TransactItems: [...writes] }));\n',
    put: '      for (const write of writes) await client.send(new TransactWriteCommand({ TransactItems: [write] }));\n',
    tests: 'kills',
    named: 'settle|receive',
  },
  {
    name: 'A transaction that meets another is not tried again',
    file: 'functions/adapters/dynamo/transactions.ts',
    remove: '        tried === mostTries ||\n',
    put: '        tried >= 1 ||\n',
    tests: 'forwarding',
    named: 'conflict',
  },
];
