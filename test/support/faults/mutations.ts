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
    name: 'A conversion, marker or held postback is written for the first time without asking whether it is there',
    file: journal,
    remove:
      "const isAbsent = { ConditionExpression: 'attribute_not_exists(#owner)', ExpressionAttributeNames: { '#owner': 'owner' } } as const;",
    put: "const isAbsent = { ConditionExpression: 'attribute_exists(#owner) OR attribute_not_exists(#owner)', ExpressionAttributeNames: { '#owner': 'owner' } } as const;",
    tests: 'repetition|order',
    named: '100 at once|same postback',
  },
  {
    name: 'A conversion is written without asking whether it is at the revision that was read',
    file: journal,
    remove: "ConditionExpression: 'revision = :read',",
    put: "ConditionExpression: 'revision >= :read OR revision < :read',",
    tests: 'order',
  },
  {
    name: 'A postback is recorded without asking at which revision its conversion is',
    file: journal,
    remove: '        ...conversions.map((conversion) => conversionWrite(tables.conversions, conversion)),\n',
    put: `        ...conversions.map((conversion) => {
          const { Put } = conversionWrite(tables.conversions, conversion);
          return conversion.revision === 1 || Put === undefined
            ? { Put }
            : { Put: { ...Put, ConditionExpression: 'revision >= :read OR revision < :read' } };
        }),
`,
    tests: 'order|by-hand',
    named: 'Reversal|reversal|settl|conflict',
  },
  {
    name: 'A settlement does not ask at which revision its conversion is',
    file: books,
    remove: '        ...settlements.map((settlement) => conversionWrite(tables.conversions, settledConversion(settlement))),\n',
    put: `        ...settlements.map((settlement) => {
          const { Put } = conversionWrite(tables.conversions, settledConversion(settlement));
          return Put === undefined ? {} : { Put: { ...Put, ConditionExpression: 'revision >= :read OR revision < :read' } };
        }),
`,
    tests: 'order|kills',
    named: 'settl',
  },
  {
    name: 'The row on which a take-back without an event waits is not written where a goal begins',
    file: 'functions/domain/receiving/convert.ts',
    remove: "      ...(decision.kind === 'held' ? [] : anchorsOf(receipt, match, found, early)),\n",
    put: '',
    tests: 'order',
    named: 'goal',
  },
  {
    name: 'A minute of the log is closed although somebody has opened it again',
    file: 'functions/adapters/dynamo/open-minutes.ts',
    remove: "ConditionExpression: 'seen = :seen',",
    put: "ConditionExpression: 'seen = :seen OR seen <> :seen',",
    tests: 'recovery',
    named: 'opened again',
  },
  {
    name: 'What is processed again does not open its minute',
    file: journal,
    remove: "previous !== undefined && entry.result === 'accepted' ? [openMinute(tables.postbacks, entry.log_id)] : [];",
    put: '[].map(() => openMinute(tables.postbacks, entry.log_id));',
    tests: 'recovery',
    named: 'processed again',
  },
  {
    name: 'A minute in which something is left to do is not left open',
    file: 'functions/sweeper/sweep.ts',
    remove: '  await minutes.leaveOpen(slice, now() + againMs, open);\n',
    put: '',
    tests: 'recovery',
    named: 'lost',
  },
  {
    name: 'A slower sweeper turns the clock back, or skips what another has not looked at',
    file: 'functions/adapters/dynamo/open-minutes.ts',
    remove: "ConditionExpression: 'attribute_not_exists(log_id) OR #minute < :minute',",
    put: "ConditionExpression: 'attribute_not_exists(log_id) OR #minute < :minute OR #minute >= :minute',",
    tests: 'recovery',
    named: 'turn',
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
    file: journal,
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
