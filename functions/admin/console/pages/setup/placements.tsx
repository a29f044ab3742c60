import { useMemo, useState } from 'preact/hooks';
import { path } from '../../core/api.ts';
import { replaceAddress, to } from '../../core/routing.ts';
import { useSession } from '../../core/session.tsx';
import type { Placement } from '../../core/types.ts';
import { useList } from '../../core/use-list.ts';
import { Amount, Code, Empty, Id, Page, Text, Time } from '../../parts/basics.tsx';
import { type Column, ListTable } from '../../parts/data-table.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { DownloadCsv } from '../../parts/download.tsx';
import type { Field } from '../../parts/field.ts';
import { type Filter, Filters } from '../../parts/filters.tsx';
import { Form } from '../../parts/form.tsx';
import { Name } from '../../parts/name.tsx';
import { useToast } from '../../parts/toasts.tsx';

const filters: readonly Filter[] = [{ name: 'publisher_id', label: 'Publisher', idOf: 'publisher' }];

const columns: readonly Column<Placement>[] = [
  { title: 'Name', cell: ({ name }) => <Text of={name} /> },
  { title: 'Id', cell: ({ placement_id }) => <Id of={placement_id} /> },
  { title: 'Publisher', cell: ({ publisher_id }) => <Name of="publisher" id={publisher_id} /> },
  { title: 'Points for each unit', align: 'end', cell: ({ exchange_rate }) => <Amount of={exchange_rate} /> },
  {
    title: 'Own URL',
    cell: ({ postback_url }) => (postback_url === null ? <Text of={null} /> : <Code of={postback_url} />),
  },
  { title: 'Created', cell: ({ created_at }) => <Time at={created_at} /> },
];
const keyOf = ({ placement_id }: Placement) => placement_id;

const settings: readonly Field[] = [
  { name: 'name', label: 'Name', required: true, placeholder: 'Main wall' },
  { name: 'exchange_rate', label: 'Points per currency unit', placeholder: '1', help: 'At 100, a payout of 2.50 is 250 points.' },
  { name: 'postback_url', label: 'Postback URL', kind: 'url', help: "Overrides the publisher's URL. Leave empty to use the publisher's." },
  {
    name: 'postback_method',
    label: 'Method',
    kind: 'select',
    options: [{ value: '', text: "the publisher's" }, 'GET', 'POST'],
  },
];
const newPlacement: readonly Field[] = [
  { name: 'publisher_id', label: 'Publisher', idOf: 'publisher', required: true, help: 'Id of the publisher that owns the placement.' },
  { name: 'placement_id', label: 'Id', help: "Can't be changed later. Leave empty to generate one.", placeholder: 'main-wall' },
  ...settings,
];

function textsOf(placement: Placement): Readonly<Record<string, string>> {
  return {
    name: placement.name,
    exchange_rate: placement.exchange_rate,
    postback_url: placement.postback_url ?? '',
    postback_method: placement.postback_method ?? '',
  };
}

export function PlacementsPage({ query }: { readonly query: Readonly<Record<string, string>> }) {
  const { api, role } = useSession();
  const say = useToast();
  const list = useList<Placement>('/placements', 'placements', query);
  const [open, setOpen] = useState<Placement | 'new' | undefined>();
  const close = () => setOpen(undefined);
  const isAdmin = role === 'admin';
  const shown = useMemo((): readonly Column<Placement>[] => {
    if (!isAdmin) return columns;
    return [
      ...columns,
      {
        title: 'Actions',
        cell: (placement) => (
          <button type="button" class="small" onClick={() => setOpen(placement)} aria-label={`Edit ${placement.name}`}>
            Edit
          </button>
        ),
      },
    ];
  }, [isAdmin]);
  return (
    <Page
      title="Placements"
      about="Walls and apps where a publisher shows offers, each with its own exchange rate of points."
      actions={
        <>
          <DownloadCsv path="/placements" name="placements" query={query} />
          {isAdmin && (
            <button type="button" class="primary" onClick={() => setOpen('new')}>
              New placement
            </button>
          )}
        </>
      }
    >
      <Filters filters={filters} values={query} onChange={(values) => replaceAddress(to(['placements'], values))} />
      <ListTable
        label="placements"
        list={list}
        columns={shown}
        keyOf={keyOf}
        empty={
          <Empty title="No placements match.">
            Create one for a <a href={to(['publishers'])}>publisher</a>.
          </Empty>
        }
      />
      {open === 'new' && (
        <Dialog title="New placement" onClose={close}>
          <Form
            label="New placement"
            fields={newPlacement}
            initial={{ publisher_id: query['publisher_id'] ?? '' }}
            submit="Create placement"
            onSubmit={async (body) => {
              await api.post('/placements', body);
              say('Placement created.');
              close();
              list.reload();
            }}
          />
        </Dialog>
      )}
      {open !== undefined && open !== 'new' && (
        <Dialog title="Placement" onClose={close}>
          <Form
            label="Placement"
            fields={settings}
            initial={textsOf(open)}
            change
            submit="Save"
            onSubmit={async (body) => {
              await api.patch(path`/placements/${open.placement_id}`, body);
              say('Saved. Takes effect within a minute.');
              close();
              list.reload();
            }}
          />
        </Dialog>
      )}
    </Page>
  );
}
