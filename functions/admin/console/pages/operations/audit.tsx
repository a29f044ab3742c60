import { replaceAddress, to } from '../../core/routing.ts';
import type { AuditEntry } from '../../core/types.ts';
import { useList } from '../../core/use-list.ts';
import { Empty, Id, jsonText, Page, Text, Time, Verbatim } from '../../parts/basics.tsx';
import { type Column, ListTable } from '../../parts/data-table.tsx';
import { DownloadCsv } from '../../parts/download.tsx';
import { dayFilters, type Filter, Filters } from '../../parts/filters.tsx';

const filters: readonly Filter[] = [
  { name: 'by', label: 'By' },
  { name: 'action', label: 'Action', placeholder: 'key.issued' },
  {
    name: 'kind',
    label: 'Kind',
    options: ['partner', 'key', 'offer', 'publisher', 'placement', 'conversion', 'postback', 'delivery', 'token', 'queue'],
  },
  { name: 'id', label: 'Id' },
  ...dayFilters,
];

const columns: readonly Column<AuditEntry>[] = [
  { title: 'When', cell: ({ at }) => <Time at={at} /> },
  { title: 'By', cell: ({ by }) => <Text of={by} /> },
  { title: 'Action', cell: ({ action }) => <code>{action}</code> },
  {
    title: 'Object',
    cell: ({ kind, id }) => (
      <>
        <Text of={kind} /> <Id of={id} href={addressOf(kind, id)} />
      </>
    ),
  },
  { title: 'Change', cell: ({ before, after }) => <Change before={before} after={after} /> },
];
const keyOf = ({ audit_id }: AuditEntry) => audit_id;

const pagesOfKinds: Readonly<Record<string, string>> = {
  partner: 'partners',
  offer: 'offers',
  publisher: 'publishers',
  conversion: 'conversions',
  postback: 'received',
  delivery: 'deliveries',
};

function addressOf(kind: string, id: string): string | undefined {
  const page = pagesOfKinds[kind];
  return page === undefined ? undefined : to([page, id]);
}

/** These fields change with every change, and the entry has its own time. */
const times: ReadonlySet<string> = new Set(['created_at', 'updated_at']);

/** The fields that differ; all of them when nothing existed before. */
function Change({ before, after }: { readonly before: unknown; readonly after: unknown }) {
  const [was, is] = [asRecord(before), asRecord(after)];
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .filter((name) => !times.has(name) && jsonText(was[name]) !== jsonText(is[name]))
    .sort();
  const pick = (record: Readonly<Record<string, unknown>>) =>
    jsonText(Object.fromEntries(names.filter((name) => name in record).map((name) => [name, record[name]])));
  return (
    <details class="more">
      <summary>
        {names.length === 0 ? 'no fields' : names.slice(0, 3).join(', ') + (names.length > 3 ? `, ${names.length - 3} more` : '')}
      </summary>
      {before !== null && before !== undefined && (
        <>
          <p class="label">Before</p>
          <Verbatim label="Before" text={pick(was)} />
        </>
      )}
      {after !== null && after !== undefined && (
        <>
          <p class="label">After</p>
          <Verbatim label="After" text={pick(is)} />
        </>
      )}
    </details>
  );
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

export function AuditPage({ query }: { readonly query: Readonly<Record<string, string>> }) {
  const list = useList<AuditEntry>('/audit', 'entries', query);
  return (
    <Page
      title="Audit"
      about="Who changed what, with the values before and after."
      actions={<DownloadCsv path="/audit" name="audit" query={query} />}
    >
      <Filters filters={filters} values={query} onChange={(values) => replaceAddress(to(['audit'], values))} />
      <ListTable
        label="audit entries"
        list={list}
        columns={columns}
        keyOf={keyOf}
        empty={<Empty title="No changes match.">Clear the filters to see all changes.</Empty>}
      />
    </Page>
  );
}
