import { useState } from 'preact/hooks';
import { navigate, replaceAddress, to } from '../../core/routing.ts';
import { useSession } from '../../core/session.tsx';
import type { Partner } from '../../core/types.ts';
import { useList } from '../../core/use-list.ts';
import { Badge, Empty, Id, Page, Text, Time } from '../../parts/basics.tsx';
import { type Column, ListTable } from '../../parts/data-table.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { DownloadCsv } from '../../parts/download.tsx';
import { type Filter, Filters } from '../../parts/filters.tsx';
import { Form } from '../../parts/form.tsx';
import { newPartnerFields } from './partner-fields.ts';

const filters: readonly Filter[] = [
  { name: 'partner_name', label: 'Name', placeholder: 'the whole name' },
  { name: 'status', label: 'Status', options: ['active', 'inactive'] },
];

const columns: readonly Column<Partner>[] = [
  {
    title: 'Name',
    cell: ({ partner_id, partner_name }) => (
      <a href={to(['partners', partner_id])}>
        <Text of={partner_name} />
      </a>
    ),
  },
  { title: 'Id', cell: ({ partner_id }) => <Id of={partner_id} /> },
  { title: 'Network', cell: ({ preset }) => <Text of={preset} /> },
  { title: 'Signed', cell: ({ signing }) => (signing.configured ? 'yes' : 'no') },
  { title: 'Status', cell: ({ status }) => <Badge status={status} /> },
  { title: 'Created', cell: ({ created_at }) => <Time at={created_at} /> },
];
const keyOf = ({ partner_id }: Partner) => partner_id;

export function PartnersPage({ query }: { readonly query: Readonly<Record<string, string>> }) {
  const { api, role } = useSession();
  const list = useList<Partner>('/partners', 'partners', query);
  const [creating, setCreating] = useState(false);
  return (
    <Page
      title="Partners"
      about="They pay us and send postbacks: advertisers, survey networks, offerwalls."
      actions={
        <>
          <DownloadCsv path="/partners" name="partners" query={query} />
          {role === 'admin' && (
            <button type="button" class="primary" onClick={() => setCreating(true)}>
              New partner
            </button>
          )}
        </>
      }
    >
      <Filters filters={filters} values={query} onChange={(values) => replaceAddress(to(['partners'], values))} />
      <ListTable
        label="partners"
        list={list}
        columns={columns}
        keyOf={keyOf}
        empty={<Empty title="No partners match.">Create a partner to get a postback URL for it.</Empty>}
      />
      {creating && (
        <Dialog title="New partner" onClose={() => setCreating(false)}>
          <Form
            label="New partner"
            fields={newPartnerFields}
            submit="Create partner"
            onSubmit={async (body) => {
              const { partner } = await api.post<{ partner: Partner }>('/partners', body);
              navigate(to(['partners', partner.partner_id]));
            }}
          />
        </Dialog>
      )}
    </Page>
  );
}
