import { useMemo, useState } from 'preact/hooks';
import { heldCodes } from '../../../../domain/codes.ts';
import { conversionStatuses, forwardedStatuses } from '../../../../domain/status.ts';
import { queryText } from '../../core/api.ts';
import { decide } from '../../core/bulk.ts';
import { meaningOf } from '../../core/explanations.ts';
import { replaceAddress, to } from '../../core/routing.ts';
import { useSession } from '../../core/session.tsx';
import type { ConversionSummary } from '../../core/types.ts';
import { useList } from '../../core/use-list.ts';
import { Amount, Badge, Empty, Id, Money, Page, Time } from '../../parts/basics.tsx';
import { BulkDialog } from '../../parts/bulk.tsx';
import { type Column, ListTable } from '../../parts/data-table.tsx';
import { DownloadCsv } from '../../parts/download.tsx';
import type { Field } from '../../parts/field.ts';
import { dayFilters, type Filter, Filters } from '../../parts/filters.tsx';
import { Name } from '../../parts/name.tsx';
import { Selectable, selectColumn, useSelection } from '../../parts/selection.tsx';
import { ShowNewer } from '../../parts/show-newer.tsx';

const filters: readonly Filter[] = [
  { name: 'partner_id', label: 'Partner', idOf: 'partner' },
  { name: 'publisher_id', label: 'Publisher', idOf: 'publisher' },
  { name: 'offer_id', label: 'Offer', idOf: 'offer' },
  { name: 'status', label: 'Status', options: conversionStatuses },
  { name: 'code', label: 'Held because', options: Object.keys(heldCodes).sort() },
  { name: 'transaction_id', label: 'Transaction' },
  { name: 'user_id', label: 'User' },
  ...dayFilters,
];

/** @param query filters of the list: the page of each row leads to the next row in it. */
export function conversionColumns(query: Readonly<Record<string, string>>): readonly Column<ConversionSummary>[] {
  return [
    {
      title: 'Created',
      cell: (conversion) => (
        <a href={to(['conversions', conversion.conversion_id], query)}>
          <Time at={conversion.created_at} />
        </a>
      ),
    },
    {
      title: 'Status',
      cell: ({ status, code, settled }) => (
        <>
          <Badge status={status} /> {code && <code title={meaningOf(code)}>{code}</code>}
          {!settled && status !== 'held' && <span class="badge calm">settling</span>}
        </>
      ),
    },
    { title: 'Partner', cell: ({ partner_id }) => <Name of="partner" id={partner_id} /> },
    { title: 'Offer', cell: ({ offer_id }) => <Name of="offer" id={offer_id} /> },
    { title: 'Publisher', cell: ({ publisher_id }) => <Name of="publisher" id={publisher_id} /> },
    {
      title: 'User, transaction',
      cell: ({ publisher_id: publisher, user_id: user, transaction_id: transaction }) => (
        <span class="named">
          <Id of={user} href={publisher === null || user === null ? undefined : to(['users', publisher, user])} />
          {transaction && <Id of={transaction} />}
        </span>
      ),
    },
    { title: 'From partner', align: 'end', cell: ({ payout, currency }) => <Money of={payout} currency={currency} /> },
    {
      title: 'To publisher, user',
      align: 'end',
      cell: ({ downward_payout, downward_currency, points }) => (
        <span class="named">
          <Money of={downward_payout} currency={downward_currency} />
          <Amount of={points} unit="points" />
        </span>
      ),
    },
  ];
}
const keyOf = ({ conversion_id }: ConversionSummary) => conversion_id;

const decision: readonly Field[] = [
  { name: 'status', label: 'New status', kind: 'select', options: forwardedStatuses },
  { name: 'reason', label: 'Reason', required: true, help: 'Stored with each change and shown in the audit log.' },
  { name: 'payout', label: 'Payout per conversion', help: 'What the partner pays. Leave empty to use the payout that was sent.' },
];

export function ConversionsPage({ query }: { readonly query: Readonly<Record<string, string>> }) {
  const { api, role } = useSession();
  const list = useList<ConversionSummary>('/conversions', 'conversions', query);
  const address = queryText(query);
  const selecting = useSelection(address);
  const [deciding, setDeciding] = useState(false);
  const isAdmin = role === 'admin';
  const columns = useMemo(() => [...(isAdmin ? [selectColumn(keyOf)] : []), ...conversionColumns(query)], [address, isAdmin]);
  const table = (
    <ListTable
      label="conversions"
      list={list}
      columns={columns}
      keyOf={keyOf}
      empty={
        query['status'] === 'held' ? (
          <Empty title="Nothing is held.">No postback needs a decision.</Empty>
        ) : (
          <Empty title="No conversions match.">
            Clear the filters, or look at <a href={to(['received'])}>what was received</a>.
          </Empty>
        )
      }
    />
  );
  // One decision about conversions of every status would undo correct ones.
  const tooMany = selecting.all && query['status'] === undefined;
  return (
    <Page
      title="Conversions"
      about="What clicks have earned, and held postbacks that need a decision."
      actions={
        <>
          <ShowNewer list={list} keyOf={keyOf} />
          <DownloadCsv path="/conversions" name="conversions" query={query} />
        </>
      }
    >
      <Filters filters={filters} values={query} onChange={(values) => replaceAddress(to(['conversions'], values))} />
      {isAdmin && list.pages.length > 0 ? (
        <Selectable
          selecting={selecting}
          actions={
            <>
              <button type="button" onClick={() => setDeciding(true)} disabled={tooMany}>
                Decide…
              </button>
              {tooMany && <span>Choose a status first.</span>}
            </>
          }
        >
          {table}
        </Selectable>
      ) : (
        table
      )}
      {deciding && (
        <BulkDialog
          title="Change status of several"
          action="Change"
          about="Points and notifications follow as if the partner had sent each change. The audit log shows your name."
          fields={decision}
          initial={{ status: 'approved', reason: '' }}
          run={(dryRun, body) =>
            decide({ api, selection: selecting, query }, dryRun, dryRun ? { status: 'approved', reason: 'dry run' } : body)
          }
          onClose={() => {
            setDeciding(false);
            list.reload();
          }}
        />
      )}
    </Page>
  );
}
