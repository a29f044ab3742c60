import { useMemo } from 'preact/hooks';
import { standardParameters } from '../../../../domain/postback/postback.ts';
import { knownFields } from '../../../../domain/receiving/rule-fields.ts';
import { timeZone } from '../../core/ranges.ts';
import { localText } from '../../core/times.ts';
import type { Rule } from '../../core/types.ts';
import { useList } from '../../core/use-list.ts';
import { Badge, Empty, Text, Time } from '../../parts/basics.tsx';
import type { Column } from '../../parts/data-table.tsx';
import type { Field } from '../../parts/field.ts';
import { readJson, readRows, readWhole, rowsText } from '../../parts/field-text.ts';
import { Name } from '../../parts/name.tsx';
import { comparisonOf, conditionText, conditionTexts, operatorOptions } from './conditions.ts';
import { Warnings } from './secret-shown.tsx';
import { SettingsList } from './settings-list.tsx';

const actions: Readonly<Record<Rule['then'], string>> = {
  hold: 'Hold it: nobody is paid until you decide',
  reject: 'Reject it: the partner is answered as usual, and nobody is paid',
  log: 'Only log it: it is no conversion',
  accept: 'Accept it: no later rule is asked',
};

const columns: readonly Column<Rule>[] = [
  { title: 'Priority', align: 'end', cell: ({ priority }) => priority },
  { title: 'Name', cell: ({ name }) => <Text of={name} /> },
  {
    title: 'Only for',
    cell: ({ scope: { partner_id, offer_id, publisher_id } }) =>
      partner_id === null && offer_id === null && publisher_id === null ? (
        'all'
      ) : (
        <>
          {partner_id && <Name of="partner" id={partner_id} />}
          {offer_id && <Name of="offer" id={offer_id} />}
          {publisher_id && <Name of="publisher" id={publisher_id} />}
        </>
      ),
  },
  { title: 'When', cell: ({ when }) => <Text of={conditionText(when)} /> },
  { title: 'Then', cell: ({ then: action }) => <span title={actions[action]}>{action}</span> },
  { title: 'From', cell: ({ from }) => <Time at={from} /> },
  { title: 'To', cell: ({ to }) => <Time at={to} /> },
  { title: 'Status', cell: ({ status }) => <Badge status={status} /> },
];
const keyOf = ({ rule_id }: Rule) => rule_id;

const time = { kind: 'time', read: (text: string) => new Date(text).toISOString() } as const;

const fields: readonly Field[] = [
  { name: 'name', label: 'Name', required: true, placeholder: 'Too fast to be a person' },
  { name: 'partner_id', at: 'scope.partner_id', label: 'Only this partner', idOf: 'partner' },
  { name: 'offer_id', at: 'scope.offer_id', label: 'Only this offer', idOf: 'offer' },
  { name: 'publisher_id', at: 'scope.publisher_id', label: 'Only this publisher', idOf: 'publisher' },
  {
    name: 'match',
    label: 'When',
    kind: 'select',
    options: [
      { value: 'all', text: 'all of these conditions hold' },
      { value: 'any', text: 'any of these conditions holds' },
      { value: 'json', text: 'a nested condition holds (JSON)' },
    ],
  },
  {
    name: 'rows',
    at: 'when',
    label: 'Conditions',
    kind: 'rows',
    columns: [
      { name: 'field', label: 'Field', required: true, suggestions: [...knownFields, ...standardParameters] },
      { name: 'op', label: 'Comparison', kind: 'select', options: operatorOptions },
      { name: 'value', label: 'Value' },
    ],
    help: 'Fields are parameters, your own among them, and what we know of the click. Several values with commas, where one of them is meant.',
    read: readRows,
    asked: ({ match }) => match !== 'json',
  },
  {
    name: 'json',
    at: 'when',
    label: 'Condition',
    kind: 'lines',
    help: '{field, op, value}, or {all: […]}, or {any: […]}, up to four levels deep.',
    read: readJson,
    required: true,
    asked: ({ match }) => match === 'json',
  },
  {
    name: 'then',
    label: 'Then',
    kind: 'select',
    options: Object.entries(actions).map(([value, text]) => ({ value, text })),
    help: 'Rules are asked about approvals and pendings. The first one that matches decides.',
  },
  { name: 'priority', label: 'Priority', help: 'Lower ones are asked first.', read: readPriority },
  { name: 'from', label: 'From', ...time, help: `In ${timeZone}. Leave empty for always.` },
  { name: 'to', label: 'To', ...time },
  { name: 'status', label: 'Status', kind: 'select', options: ['active', 'inactive'] },
];

const blank = {
  match: 'all',
  rows: rowsText([{ field: '', op: 'eq', value: '' }]),
  // biome-ignore lint/suspicious/noThenProperty: the API calls it so, and it is no function
  then: 'hold',
  priority: '100',
  status: 'active',
};

/** @throws Error when the text is no whole number. */
function readPriority(text: string): number {
  return text.startsWith('-') ? -readWhole(text.slice(1)) : readWhole(text);
}

function textsOf({ name, scope, when, then: action, priority, from, to, status }: Rule): Readonly<Record<string, string>> {
  const { match, rows, json } = conditionTexts(when);
  return {
    name,
    partner_id: scope.partner_id ?? '',
    offer_id: scope.offer_id ?? '',
    publisher_id: scope.publisher_id ?? '',
    match,
    rows: rowsText(rows),
    json,
    // biome-ignore lint/suspicious/noThenProperty: the API calls it so, and it is no function
    then: action,
    priority: String(priority),
    from: localText(from),
    to: localText(to),
    status,
  };
}

interface RuleForm extends Readonly<Record<string, unknown>> {
  readonly rows?: ReturnType<typeof readRows>;
}

function bodyOf({ match, rows = [], json, partner_id, offer_id, publisher_id, ...rest }: RuleForm): object {
  const when = match === 'json' ? json : { [String(match)]: rows.map(comparisonOf) };
  return { priority: null, from: null, to: null, ...rest, scope: { partner_id, offer_id, publisher_id }, when };
}

interface Saved {
  readonly warnings: readonly string[];
}

/** Rules are shown in the order in which they are evaluated, so all of them must be loaded. */
const mostRules = 1_000;

export function RulesPage() {
  const all = useList<Rule>('/rules', 'rules', {}, mostRules);
  // The list begins with the newest rule. Of rules with one priority, the oldest is evaluated first.
  const pages = useMemo(
    () =>
      all.pages.length === 0
        ? []
        : [
            all.pages
              .flat()
              .reverse()
              .sort((a, b) => a.priority - b.priority),
          ],
    [all.pages],
  );
  return (
    <SettingsList<Rule, Saved>
      title="Rules"
      about="What is held, rejected or only logged before anybody is paid. Rules are evaluated from the top; the first one that matches decides."
      what="rule"
      path="/rules"
      list={{ ...all, pages }}
      columns={columns}
      keyOf={keyOf}
      empty={<Empty title="No rules yet.">Every postback that is understood is taken.</Empty>}
      newFields={fields}
      fields={fields}
      blank={blank}
      textsOf={textsOf}
      bodyOf={bodyOf}
      toShow={({ warnings }) => (warnings.length === 0 ? undefined : <Warnings of={warnings} />)}
      deleted="What it has already decided does not change. Postbacks that it holds stay held and can be reprocessed. This cannot be undone."
    />
  );
}
