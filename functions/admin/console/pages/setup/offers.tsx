import { useState } from 'preact/hooks';
import { navigate, replaceAddress, to } from '../../core/routing.ts';
import { useSession } from '../../core/session.tsx';
import type { Offer } from '../../core/types.ts';
import { useList } from '../../core/use-list.ts';
import { Absent, Badge, Empty, Id, Money, Page, Text } from '../../parts/basics.tsx';
import { type Column, ListTable } from '../../parts/data-table.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { DownloadCsv } from '../../parts/download.tsx';
import { type Filter, Filters } from '../../parts/filters.tsx';
import { Form } from '../../parts/form.tsx';
import { Name } from '../../parts/name.tsx';
import { newOfferFields } from './offer-fields.ts';

const filters: readonly Filter[] = [
  { name: 'partner_id', label: 'Partner', idOf: 'partner' },
  { name: 'status', label: 'Status', options: ['active', 'inactive'] },
];

const columns: readonly Column<Offer>[] = [
  {
    title: 'Name',
    cell: ({ offer_id, name }) => (
      <a href={to(['offers', offer_id])}>
        <Text of={name} />
      </a>
    ),
  },
  { title: 'Id', cell: ({ offer_id }) => <Id of={offer_id} /> },
  { title: 'Partner', cell: ({ partner_id }) => <Name of="partner" id={partner_id} /> },
  { title: 'Their id', cell: ({ campaign_id }) => <Text of={campaign_id} /> },
  { title: 'Publisher gets', align: 'end', cell: (offer) => <PayOf offer={offer} /> },
  { title: 'Status', cell: ({ status }) => <Badge status={status} /> },
];
const keyOf = ({ offer_id }: Offer) => offer_id;

function PayOf({ offer: { revenue_share_percent: percent, payout, currency } }: { readonly offer: Offer }) {
  if (percent !== null && percent !== '0') return <>{percent}%</>;
  return payout === null ? <Absent /> : <Money of={payout} currency={currency} />;
}

export function OffersPage({ query }: { readonly query: Readonly<Record<string, string>> }) {
  const { api, role } = useSession();
  const list = useList<Offer>('/offers', 'offers', query);
  const [creating, setCreating] = useState(false);
  return (
    <Page
      title="Offers"
      about="What users can complete, which partner pays for it, and what publishers get."
      actions={
        <>
          <DownloadCsv path="/offers" name="offers" query={query} />
          {role === 'admin' && (
            <button type="button" class="primary" onClick={() => setCreating(true)}>
              New offer
            </button>
          )}
        </>
      }
    >
      <Filters filters={filters} values={query} onChange={(values) => replaceAddress(to(['offers'], values))} />
      <ListTable
        label="offers"
        list={list}
        columns={columns}
        keyOf={keyOf}
        empty={
          <Empty title="No offers match.">
            Create one for a <a href={to(['partners'])}>partner</a>.
          </Empty>
        }
      />
      {creating && (
        <Dialog title="New offer" onClose={() => setCreating(false)}>
          <Form
            label="New offer"
            fields={newOfferFields}
            initial={{ partner_id: query['partner_id'] ?? '' }}
            submit="Create offer"
            onSubmit={async (body) => {
              const { offer } = await api.post<{ offer: Offer }>('/offers', body);
              navigate(to(['offers', offer.offer_id]));
            }}
          />
        </Dialog>
      )}
    </Page>
  );
}
