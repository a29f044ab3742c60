// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are pieces of source, template strings included
/** A guard taken away, and the experiments that must notice. */
export interface Mutation {
  readonly name: string;
  readonly file: string;
  /** Found exactly once in the file. */
  readonly remove: string;
  readonly put: string;
  /** Whose tests they are. @default faults */
  readonly project?: 'faults' | 'laws' | 'integration';
  /** Test files, and the names of the tests in them, of which at least one must fail. */
  readonly tests: string;
  readonly named?: string;
}

const journal = 'functions/adapters/dynamo/journal.ts';
const books = 'functions/adapters/dynamo/books.ts';
const outbox = 'functions/adapters/dynamo/outbox.ts';
const convert = 'functions/domain/receiving/convert.ts';
const findPlace = 'functions/domain/receiving/find-place.ts';
const markers = 'functions/domain/receiving/markers.ts';
const keysWriter = 'functions/adapters/dynamo/keys-writer.ts';
const settingsWriter = 'functions/adapters/dynamo/settings-writer.ts';
const eraseUser = 'functions/adapters/dynamo/erase-user.ts';
const repetitions = 'functions/adapters/dynamo/repetitions.ts';
const alerts = 'functions/adapters/dynamo/alerts.ts';

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
    file: convert,
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
  {
    name: 'What is accepted leaves no pointer for a partner that matches by its transactions',
    file: markers,
    remove: 'const ids = guessed || matchByTransaction ? transactionMarkers(ports, receipt) : [];',
    put: 'const ids = guessed ? transactionMarkers(ports, receipt) : [];',
    project: 'integration',
    tests: 'money-pointers',
    named: 'match_by_transaction',
  },
  {
    name: 'A pointer or a marker is written over the one that is there',
    file: journal,
    remove: 'Item: { ...conversionKey(id), conversion_id: id, ...leads }, ...isAbsent, ...withRow }',
    put: 'Item: { ...conversionKey(id), conversion_id: id, ...leads } }',
    project: 'integration',
    tests: 'money-pointers',
    named: 'two clicks were paid for|whatever is added',
  },
  {
    name: 'What a take-back said is not remembered for its click',
    file: markers,
    remove: 'const takes = said === undefined ? [] : [{ id: said, conversionId }];',
    put: 'const takes: Marker[] = said === conversionId ? [{ id: said, conversionId }] : [];',
    project: 'laws',
    tests: 'laws.test',
    named: 'every conversion of a click',
  },
  {
    name: 'A signed text that has paid is not remembered',
    file: markers,
    remove: 'const signed = receipt.byHand ? undefined : signedId(ports, receipt);',
    put: 'const signed = receipt.byHand ? signedId(ports, receipt) : undefined;',
    project: 'integration',
    tests: 'money-pointers',
    named: 'whatever is added',
  },
  {
    name: 'A signed text that has paid another conversion is no reason to hold what comes with it',
    file: convert,
    remove: 'if (optional || written.conversionId === after.conversion_id)',
    put: 'if (optional || written.id === signedId(ports, receipt) || written.conversionId === after.conversion_id)',
    project: 'integration',
    tests: 'money-pointers',
    named: 'whatever is added',
  },
  {
    name: 'What begins does not look where take-backs wait that name no transaction',
    file: findPlace,
    remove: 'const transactions = transaction_id === undefined ? [undefined] : [transaction_id, undefined];',
    put: 'const transactions = [transaction_id];',
    project: 'laws',
    tests: 'laws.test',
    named: 'every conversion of a click',
  },
  {
    name: 'The row on which a take-back without a transaction waits is not written where the first one begins',
    file: convert,
    remove: `  return anchors.map((anchor) => {
`,
    put: `  return anchors.filter((anchor) => anchor.place.transaction_id === place.transaction_id).map((anchor) => {
`,
    tests: 'order',
    named: 'names no transaction',
  },
  {
    name: 'What has waited is not marked as moved: it waits for the next one too',
    file: convert,
    remove: 'early.includes(one) ? { ...one, moved: true } : closedIf(one, receipt)',
    put: 'closedIf(one, receipt)',
    project: 'laws',
    tests: 'laws.test',
    named: 'every conversion of a click',
  },
  {
    name: 'A cap counts without asking whether there is room',
    file: journal,
    remove: "ConditionExpression: room.lt(0) ? '#count <= :room' : 'attribute_not_exists(#count) OR #count <= :room',",
    put: "ConditionExpression: 'attribute_not_exists(#count) OR #count <= :room OR #count > :room',",
    tests: 'order',
    named: 'cap',
  },
  {
    name: 'The end of a hold period does not ask at which revision its conversion is',
    file: books,
    remove: `        ...settlements.map((settlement) => conversionWrite(tables.conversions, settledConversion(settlement))),
`,
    put: `        ...settlements.map((settlement) => {
          const { Put } = conversionWrite(tables.conversions, settledConversion(settlement));
          return settlement.releases === undefined || Put === undefined
            ? { Put }
            : { Put: { ...Put, ConditionExpression: 'revision >= :read OR revision < :read' } };
        }),
`,
    tests: 'order',
    named: 'hold period',
  },
  {
    name: 'A hold period ends before its time',
    file: 'functions/domain/settling/release.ts',
    remove: 'if (release_at === undefined || Date.parse(release_at) > Date.parse(at)) return undefined;',
    put: 'if (release_at === undefined) return undefined;',
    project: 'integration',
    tests: 'decisions-hold-periods',
    named: 'is pending, is not paid',
  },
  {
    name: 'What was answered as a repetition, or taken back, is paid when its file comes again',
    file: 'functions/domain/conversions/decide.ts',
    remove: 'if (same.length > 0 && !pleads(statements, saying, standing))',
    put: 'if (same.length > 0 && !wasTakenBack(standing) && !pleads(statements, saying, standing))',
    project: 'laws',
    tests: 'laws.test',
    named: 'told again|telling any part',
  },
  {
    name: 'What was guessed is not remembered: its file again finds the next click',
    file: markers,
    remove: 'const repetition = guessed && !isAgain(receipt) ? [repetitionId(ports, receipt)] : [];',
    put: 'const repetition = guessed && isAgain(receipt) ? [repetitionId(ports, receipt)] : [];',
    project: 'integration',
    tests: 'money-pointers',
    named: 'finds nobody else',
  },
  {
    name: 'Processing again does not ask how often that was done',
    file: journal,
    remove:
      "ConditionExpression: `#result = :result AND ${earlier.length === 0 ? 'attribute_not_exists(earlier)' : 'size(earlier) = :earlier'}`,",
    put: "ConditionExpression: `#result = :result AND ${earlier.length === 0 ? 'attribute_not_exists(no_such_attribute)' : 'size(earlier) >= :earlier'}`,",
    tests: 'by-hand',
    named: 'processed again by both and stays held',
  },
  {
    name: 'A setting is made over the one that is there',
    file: settingsWriter,
    remove: "ConditionExpression: 'attribute_not_exists(kind) AND attribute_not_exists(removed_at)'",
    put: "ConditionExpression: 'attribute_not_exists(removed_at)'",
    tests: 'conditions',
    named: 'a setting',
  },
  {
    name: 'A name that is to be given once is given again',
    file: settingsWriter,
    remove: "ConditionExpression: 'attribute_not_exists(kind) AND attribute_not_exists(removed_at)'",
    put: "ConditionExpression: 'attribute_not_exists(kind)'",
    tests: 'conditions',
    named: 'a setting',
  },
  {
    name: 'A setting is changed without asking whether somebody else has changed it',
    file: settingsWriter,
    remove: "ConditionExpression: 'revision = :revision'",
    put: "ConditionExpression: 'revision >= :revision OR revision < :revision'",
    tests: 'conditions',
    named: 'a setting',
  },
  {
    name: 'A setting is removed without asking whether it is there',
    file: settingsWriter,
    remove: "ConditionExpression: 'attribute_exists(kind)'",
    put: "ConditionExpression: 'attribute_not_exists(no_such_attribute)'",
    tests: 'conditions',
    named: 'a setting',
  },
  {
    name: 'A key is issued over another',
    file: keysWriter,
    remove: "Item: { ...toItem(key), created: newId() }, ConditionExpression: 'attribute_not_exists(key_hash)'",
    put: "Item: { ...toItem(key), created: newId() }, ConditionExpression: 'attribute_not_exists(no_such_attribute)'",
    tests: 'conditions',
    named: 'a key',
  },
  {
    name: 'The first key of a label does not ask whether another has been issued meanwhile',
    file: keysWriter,
    remove: "? { ConditionExpression: 'attribute_not_exists(key_hash)' }",
    put: "? { ConditionExpression: 'attribute_not_exists(no_such_attribute)' }",
    tests: 'conditions',
    named: 'a key',
  },
  {
    name: 'A rotation does not ask whether another has come before it',
    file: keysWriter,
    remove: "ConditionExpression: 'revision = :revision'",
    put: "ConditionExpression: 'revision >= :revision OR revision < :revision'",
    tests: 'conditions',
    named: 'a key',
  },
  {
    name: 'A key that is gone gets an end of its grace',
    file: keysWriter,
    remove: `ConditionExpression: 'attribute_exists(key_hash)',
      UpdateExpression: 'SET expires_at = :ends'`,
    put: `ConditionExpression: 'attribute_not_exists(no_such_attribute)',
      UpdateExpression: 'SET expires_at = :ends'`,
    tests: 'conditions',
    named: 'a key',
  },
  {
    name: 'A key that is gone is revoked',
    file: keysWriter,
    remove: `ConditionExpression: 'attribute_exists(key_hash)',
    UpdateExpression: 'SET #status = :revoked'`,
    put: `ConditionExpression: 'attribute_not_exists(no_such_attribute)',
    UpdateExpression: 'SET #status = :revoked'`,
    tests: 'conditions',
    named: 'a key',
  },
  {
    name: 'The use of a key that is gone is noted',
    file: 'functions/adapters/dynamo/key-store.ts',
    remove: "ConditionExpression: 'attribute_exists(key_hash)'",
    put: "ConditionExpression: 'attribute_not_exists(no_such_attribute)'",
    tests: 'conditions',
    named: 'a key',
  },
  {
    name: 'A token that is gone is revoked',
    file: 'functions/adapters/dynamo/tokens.ts',
    remove: "ConditionExpression: 'attribute_exists(token_hash)'",
    put: "ConditionExpression: 'attribute_not_exists(no_such_attribute)'",
    tests: 'conditions',
    named: 'a token',
  },
  {
    name: 'A click is stored over another',
    file: 'functions/adapters/dynamo/click-store.ts',
    remove: "ConditionExpression: 'attribute_not_exists(click_id)'",
    put: "ConditionExpression: 'attribute_not_exists(no_such_attribute)'",
    tests: 'conditions',
    named: 'a click',
  },
  {
    name: 'Clicks of an hour are stored without end',
    file: 'functions/adapters/dynamo/limited-clicks.ts',
    remove: "ConditionExpression: 'attribute_not_exists(clicks) OR clicks < :most'",
    put: "ConditionExpression: 'attribute_not_exists(clicks) OR clicks < :most OR clicks >= :most'",
    tests: 'conditions',
    named: 'a click',
  },
  {
    name: 'Points of an erased user are moved without asking whether they have been',
    file: eraseUser,
    remove: "ConditionExpression: 'attribute_exists(entry)'",
    put: "ConditionExpression: 'attribute_not_exists(no_such_attribute)'",
    tests: 'conditions',
    named: 'points that are moved',
  },
  {
    name: 'Erasing brings back a click that has expired',
    file: eraseUser,
    remove: "ConditionExpression: 'attribute_exists(click_id)'",
    put: "ConditionExpression: 'attribute_not_exists(no_such_attribute)'",
    tests: 'conditions',
    named: 'erased once',
  },
  {
    name: 'A request with a key is begun although it runs',
    file: repetitions,
    remove: "'attribute_not_exists(began_at) OR began_at < :yesterday OR (attribute_not_exists(answer) AND began_at < :gone)'",
    put: "'attribute_not_exists(began_at) OR began_at < :yesterday OR began_at >= :gone'",
    tests: 'conditions',
    named: 'a request',
  },
  {
    name: 'A request whose turn is over answers for the next one',
    file: repetitions,
    remove: "ConditionExpression: 'began_at = :turn'",
    put: "ConditionExpression: 'began_at = :turn OR began_at <> :turn'",
    tests: 'conditions',
    named: 'a request',
  },
  {
    name: 'Two get the same turn at a publisher',
    file: 'functions/adapters/dynamo/endpoints.ts',
    remove: "ConditionExpression: free === undefined ? 'attribute_not_exists(publisher_id)' : 'next_at = :free'",
    put: "ConditionExpression: free === undefined ? 'attribute_not_exists(no_such_attribute)' : 'next_at >= :free'",
    tests: 'conditions',
    named: 'turn at a publisher',
  },
  {
    name: 'An alert is told as often as its cause is seen',
    file: alerts,
    remove: 'ConditionExpression: `${isNew} OR told_at <= :hourAgo`',
    put: 'ConditionExpression: `${isNew} OR told_at <= :hourAgo OR told_at > :hourAgo`',
    tests: 'conditions',
    named: 'an alert',
  },
  {
    name: 'A guess finds clicks that were made after the postback came',
    file: 'functions/domain/receiving/match-click.ts',
    remove: 'new Date(now - hour).toISOString(), new Date(now).toISOString())',
    put: 'new Date(now - hour).toISOString(), new Date(now + hour).toISOString())',
    project: 'laws',
    tests: 'laws.test',
    named: 'no one is paid',
  },
  {
    name: 'What is processed again has come now',
    file: 'functions/domain/receiving/replay.ts',
    remove: 'now: Date.parse(previous.received_at),',
    put: 'now: Date.parse(at),',
    project: 'laws',
    tests: 'laws.test',
    named: 'no one is paid',
  },
];
