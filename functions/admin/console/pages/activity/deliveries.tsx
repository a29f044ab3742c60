import { useMemo, useState } from 'preact/hooks';
import { deliveryStatuses } from '../../../../domain/delivery/delivery.ts';
import { queryText } from '../../core/api.ts';
import { resend } from '../../core/bulk.ts';
import { replaceAddress, to } from '../../core/routing.ts';
import { useSession } from '../../core/session.tsx';
import type { Delivery } from '../../core/types.ts';
import { useList } from '../../core/use-list.ts';
import { Amount, AnswerCode, Badge, Empty, Id, Money, Page, Text, Time } from '../../parts/basics.tsx';
import { BulkDialog } from '../../parts/bulk.tsx';
import { type Column, ListTable } from '../../parts/data-table.tsx';
import { DownloadCsv } from '../../parts/download.tsx';
import { dayFilters, type Filter, Filters } from '../../parts/filters.tsx';
import { Name } from '../../parts/name.tsx';
import { Selectable, selectColumn, useSelection } from '../../parts/selection.tsx';
import { ShowNewer } from '../../parts/show-newer.tsx';

const filters: readonly Filter[] = [
  { name: 'publisher_id', label: 'Publisher', idOf: 'publisher' },
  { name: 'status', label: 'Status', options: deliveryStatuses },
  ...dayFilters,
];

const columns: readonly Column<Delivery>[] = [
  {
    title: 'Created',
    cell: ({ delivery_id, created_at }) => (
      <a href={to(['deliveries', delivery_id])}>
        <Time at={created_at} />
      </a>
    ),
  },
  { title: 'Status', cell: ({ status }) => <Badge status={status} /> },
  { title: 'Publisher', cell: ({ publisher_id }) => <Name of="publisher" id={publisher_id} /> },
  { title: 'Attempts', align: 'end', cell: ({ attempts }) => attempts.length },
  { title: 'Last answer', cell: ({ attempts }) => <AnswerCode of={attempts.at(-1)?.code} /> },
  { title: 'Next attempt', cell: ({ next_attempt_at }) => <Time at={next_attempt_at} /> },
  {
    title: 'User, offer',
    cell: ({ user_id, publisher_id, offer_id }) => (
      <span class="named">
        <Id of={user_id} href={user_id === null ? undefined : to(['users', publisher_id, user_id])} />
        <Name of="offer" id={offer_id} />
      </span>
    ),
  },
  {
    title: 'Amount',
    align: 'end',
    cell: ({ payout, currency, points }) => (
      <span class="named">
        <Money of={payout} currency={currency} />
        <Amount of={points} unit="points" />
      </span>
    ),
  },
  {
    title: 'Conversion',
    cell: ({ conversion_id }) =>
      conversion_id === null ? <Text of="forwarded unchanged" /> : <Id of={conversion_id} href={to(['conversions', conversion_id])} />,
  },
];
const keyOf = ({ delivery_id }: Delivery) => delivery_id;
/** What a publisher sees of its own deliveries. */
const ownColumns = columns.filter(({ title }) => title !== 'Publisher' && title !== 'Conversion');
const select = selectColumn(keyOf);

export function DeliveriesPage({ query }: { readonly query: Readonly<Record<string, string>> }) {
  const { api, role } = useSession();
  const isBound = role === 'publisher';
  const mayResend = role === 'admin' || isBound;
  const list = useList<Delivery>('/forwarded-postbacks', 'logs', query);
  const selecting = useSelection(queryText(query));
  const [resending, setResending] = useState(false);
  const shown = useMemo(() => [...(mayResend ? [select] : []), ...(isBound ? ownColumns : columns)], [mayResend, isBound]);
  const table = (
    <ListTable
      label="deliveries"
      list={list}
      columns={shown}
      keyOf={keyOf}
      empty={
        <Empty title="No deliveries match.">
          Deliveries appear with their first attempt. Check that the <a href={to(['publishers'])}>publisher</a> has a postback URL.
        </Empty>
      }
    />
  );
  return (
    <Page
      title="Deliveries"
      about="Notifications to publishers."
      actions={
        <>
          <ShowNewer list={list} keyOf={keyOf} />
          <DownloadCsv path="/forwarded-postbacks" name="deliveries" query={query} />
        </>
      }
    >
      <Filters
        filters={isBound ? filters.filter(({ name }) => name !== 'publisher_id') : filters}
        values={query}
        onChange={(values) => replaceAddress(to(['deliveries'], values))}
      />
      {mayResend && list.pages.length > 0 ? (
        <Selectable
          selecting={selecting}
          actions={
            <button type="button" onClick={() => setResending(true)}>
              Resend…
            </button>
          }
        >
          {table}
        </Selectable>
      ) : (
        table
      )}
      {resending && (
        <BulkDialog
          title="Resend several"
          action="Resend"
          about="Resends them under their own ids, so that publishers can drop repeats. With no status filter: everything undelivered that isn't already scheduled (failing, held, dead, no URL)."
          run={(dryRun) => resend({ api, selection: selecting, query }, dryRun)}
          onClose={() => {
            setResending(false);
            list.reload();
          }}
        />
      )}
    </Page>
  );
}
