import { conversionStatuses } from '../../../../domain/status.ts';
import { meaningOf } from '../../core/explanations.ts';
import { replaceAddress, to } from '../../core/routing.ts';
import type { ConversionSummary } from '../../core/types.ts';
import { useList } from '../../core/use-list.ts';
import { Amount, Badge, Empty, Id, Money, Page, Time } from '../../parts/basics.tsx';
import { type Column, ListTable } from '../../parts/data-table.tsx';
import { DownloadCsv } from '../../parts/download.tsx';
import { type Filter, Filters } from '../../parts/filters.tsx';

const filters: readonly Filter[] = [
  { name: 'partner_id', label: 'Partner', idOf: 'partner' },
  { name: 'publisher_id', label: 'Publisher', idOf: 'publisher' },
  { name: 'offer_id', label: 'Offer', idOf: 'offer' },
  { name: 'status', label: 'Status', options: conversionStatuses },
  { name: 'from', label: 'From', kind: 'date' },
  { name: 'to', label: 'To', kind: 'date' },
];

const columns: readonly Column<ConversionSummary>[] = [
  {
    title: 'Created',
    cell: (conversion) => (
      <a href={to(['conversions', conversion.conversion_id])}>
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
  { title: 'Offer', cell: ({ offer_id: id }) => <Id of={id} href={id === null ? undefined : to(['offers', id])} /> },
  { title: 'Publisher', cell: ({ publisher_id: id }) => <Id of={id} href={id === null ? undefined : to(['publishers', id])} /> },
  {
    title: 'User',
    cell: ({ publisher_id: publisher, user_id: user }) => (
      <Id of={user} href={publisher === null || user === null ? undefined : to(['users', publisher, user])} />
    ),
  },
  { title: 'From partner', align: 'end', cell: ({ payout, currency }) => <Money of={payout} currency={currency} /> },
  {
    title: 'To publisher',
    align: 'end',
    cell: ({ downward_payout, downward_currency }) => <Money of={downward_payout} currency={downward_currency} />,
  },
  { title: 'Points', align: 'end', cell: ({ points }) => <Amount of={points} /> },
];
const keyOf = ({ conversion_id }: ConversionSummary) => conversion_id;

export function ConversionsPage({ query }: { readonly query: Readonly<Record<string, string>> }) {
  const list = useList<ConversionSummary>('/conversions', 'conversions', query);
  return (
    <Page
      title="Conversions"
      about="What clicks have earned, and held postbacks that need a decision."
      actions={<DownloadCsv path="/conversions" name="conversions" query={query} />}
    >
      <Filters filters={filters} values={query} onChange={(values) => replaceAddress(to(['conversions'], values))} />
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
    </Page>
  );
}
