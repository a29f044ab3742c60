import { useState } from 'preact/hooks';
import { errorCodes, heldCodes } from '../../../../domain/codes.ts';
import { postbackResults } from '../../../../domain/status.ts';
import { queryText } from '../../core/api.ts';
import { reprocess } from '../../core/bulk.ts';
import { meaningOf } from '../../core/explanations.ts';
import { replaceAddress, to } from '../../core/routing.ts';
import { useSession } from '../../core/session.tsx';
import type { LogSummary } from '../../core/types.ts';
import { useList } from '../../core/use-list.ts';
import { Badge, Empty, Money, Page, Text, Time } from '../../parts/basics.tsx';
import { BulkDialog } from '../../parts/bulk.tsx';
import { type Column, ListTable } from '../../parts/data-table.tsx';
import { DownloadCsv } from '../../parts/download.tsx';
import { dayFilters, type Filter, Filters } from '../../parts/filters.tsx';
import { ClickLink, Name } from '../../parts/name.tsx';
import { Selectable, selectColumn, useSelection } from '../../parts/selection.tsx';
import { ShowNewer } from '../../parts/show-newer.tsx';

const filters: readonly Filter[] = [
  { name: 'click_id', label: 'Click', placeholder: 'CLK-…' },
  { name: 'partner_id', label: 'Partner', idOf: 'partner' },
  { name: 'result', label: 'Result', options: postbackResults },
  { name: 'code', label: 'Code', options: [...Object.keys(errorCodes), ...Object.keys(heldCodes)].sort() },
  { name: 'transaction_id', label: 'Transaction' },
  { name: 'user_id', label: 'User' },
  ...dayFilters,
];

export const receivedColumns: readonly Column<LogSummary>[] = [
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
        <Badge status={result} /> {code && <code title={meaningOf(code)}>{code}</code>} {staging && <span class="badge calm">staging</span>}
      </>
    ),
  },
  { title: 'Partner', cell: ({ partner_id }) => <Name of="partner" id={partner_id} /> },
  { title: 'Click', cell: ({ click_id }) => <ClickLink id={click_id} /> },
  {
    title: 'Status',
    cell: ({ status, event }) => <Text of={[status, event].filter((part) => part !== null && part !== 'complete').join(' · ')} />,
  },
  { title: 'User', cell: ({ user_id }) => <Text of={user_id} /> },
  { title: 'Transaction', cell: ({ transaction_id }) => <Text of={transaction_id} /> },
  { title: 'Payout', align: 'end', cell: (log) => <Money of={log.payout} currency={log.currency} /> },
];
/** Beside the code, a partner sees what to do about it. */
const ownColumns: readonly Column<LogSummary>[] = [
  ...receivedColumns.filter(({ title }) => title !== 'Partner' && title !== 'User'),
  { title: 'What to do', cell: ({ cure }) => <Text of={cure} /> },
];
const adminColumns = [selectColumn<LogSummary>((log) => log.log_id), ...receivedColumns];
const keyOf = (log: LogSummary) => log.log_id;

export function ReceivedPage({ query }: { readonly query: Readonly<Record<string, string>> }) {
  const { api, role } = useSession();
  const isBound = role === 'partner';
  const list = useList<LogSummary>('/received-postbacks', 'logs', query);
  const selecting = useSelection(queryText(query));
  const [again, setAgain] = useState(false);
  const table = (
    <ListTable
      label="received postbacks"
      list={list}
      columns={isBound ? ownColumns : role === 'admin' ? adminColumns : receivedColumns}
      keyOf={keyOf}
      empty={
        <Empty title="No postbacks match.">
          Clear the filters, or give a partner its <a href={to(['partners'])}>postback URL</a> and have it send one.
        </Empty>
      }
    />
  );
  return (
    <Page
      title="Received postbacks"
      about="Every request with a valid key, whatever the answer."
      actions={
        <>
          <ShowNewer list={list} keyOf={keyOf} />
          <DownloadCsv path="/received-postbacks" name="received-postbacks" query={query} />
        </>
      }
    >
      <Filters
        filters={isBound ? filters.filter(({ name }) => name !== 'partner_id' && name !== 'user_id') : filters}
        values={query}
        onChange={(values) => replaceAddress(to(['received'], values))}
      />
      {role === 'admin' && list.pages.length > 0 ? (
        <Selectable
          selecting={selecting}
          actions={
            <button type="button" onClick={() => setAgain(true)}>
              Reprocess…
            </button>
          }
        >
          {table}
        </Selectable>
      ) : (
        table
      )}
      {again && (
        <BulkDialog
          title="Reprocess several"
          action="Reprocess"
          about="For postbacks that were refused or are held, after the cause has been fixed: each is processed as if it had just arrived. Others stay as they are."
          run={(dryRun) => reprocess({ api, selection: selecting, query }, dryRun)}
          onClose={() => {
            setAgain(false);
            list.reload();
          }}
        />
      )}
    </Page>
  );
}
