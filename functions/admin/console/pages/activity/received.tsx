import { errorCodes, heldCodes } from '../../../../domain/codes.ts';
import { postbackResults } from '../../../../domain/status.ts';
import { replaceAddress, to } from '../../core/routing.ts';
import { useSession } from '../../core/session.tsx';
import type { LogSummary } from '../../core/types.ts';
import { useList } from '../../core/use-list.ts';
import { Badge, Empty, Id, Money, Page, Text, Time } from '../../parts/basics.tsx';
import { type Column, ListTable } from '../../parts/data-table.tsx';
import { DownloadCsv } from '../../parts/download.tsx';
import { type Filter, Filters } from '../../parts/filters.tsx';

const filters: readonly Filter[] = [
  { name: 'click_id', label: 'Click', placeholder: 'CLK-…' },
  { name: 'partner_id', label: 'Partner', idOf: 'partner' },
  { name: 'result', label: 'Result', options: postbackResults },
  { name: 'code', label: 'Code', options: [...Object.keys(errorCodes), ...Object.keys(heldCodes)].sort() },
  { name: 'from', label: 'From', kind: 'date' },
  { name: 'to', label: 'To', kind: 'date' },
];

const columns: readonly Column<LogSummary>[] = [
  {
    title: 'Received',
    cell: (log) => (
      <a href={to(['received', log.log_id])}>
        <Time at={log.received_at} />
      </a>
    ),
  },
  {
    title: 'Result',
    cell: ({ result, code, staging }) => (
      <>
        <Badge status={result} /> {code && <code>{code}</code>} {staging && <span class="badge calm">staging</span>}
      </>
    ),
  },
  { title: 'Partner', cell: (log) => <Id of={log.partner_id} href={to(['partners', log.partner_id])} /> },
  { title: 'Click', cell: (log) => <Id of={log.click_id} /> },
  {
    title: 'Status',
    cell: ({ status, event }) => <Text of={[status, event].filter((part) => part !== null && part !== 'complete').join(' · ')} />,
  },
  { title: 'Transaction', cell: (log) => <Text of={log.transaction_id} /> },
  { title: 'Payout', align: 'end', cell: (log) => <Money of={log.payout} currency={log.currency} /> },
];
/** A partner sees beside the code what to do about it. */
const ownColumns: readonly Column<LogSummary>[] = [
  ...columns.filter(({ title }) => title !== 'Partner'),
  { title: 'What to do', cell: ({ cure }) => <Text of={cure} /> },
];
const keyOf = (log: LogSummary) => log.log_id;

export function ReceivedPage({ query }: { readonly query: Readonly<Record<string, string>> }) {
  const { role } = useSession();
  const isBound = role === 'partner';
  const list = useList<LogSummary>('/received-postbacks', 'logs', query);
  return (
    <Page
      title="Received postbacks"
      about="Every request with a valid key, whatever the answer."
      actions={<DownloadCsv path="/received-postbacks" name="received-postbacks" query={query} />}
    >
      <Filters
        filters={isBound ? filters.filter(({ name }) => name !== 'partner_id') : filters}
        values={query}
        onChange={(values) => replaceAddress(to(['received'], values))}
      />
      <ListTable
        label="received postbacks"
        list={list}
        columns={isBound ? ownColumns : columns}
        keyOf={keyOf}
        empty={
          <Empty title="No postbacks match.">
            Clear the filters, or give a partner its <a href={to(['partners'])}>postback URL</a> and have it send one.
          </Empty>
        }
      />
    </Page>
  );
}
