import { replaceAddress, to } from '../../core/routing.ts';
import type { Placement } from '../../core/types.ts';
import { useList } from '../../core/use-list.ts';
import { Amount, Code, Empty, Id, Text, Time } from '../../parts/basics.tsx';
import type { Column } from '../../parts/data-table.tsx';
import type { Field } from '../../parts/field.ts';
import { type Filter, Filters } from '../../parts/filters.tsx';
import { Name } from '../../parts/name.tsx';
import { SettingsList } from './settings-list.tsx';

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
  const list = useList<Placement>('/placements', 'placements', query);
  return (
    <SettingsList
      title="Placements"
      about="Walls and apps where a publisher shows offers, each with its own exchange rate of points."
      what="placement"
      path="/placements"
      query={query}
      list={list}
      columns={columns}
      keyOf={keyOf}
      empty={
        <Empty title="No placements match.">
          Create one for a <a href={to(['publishers'])}>publisher</a>.
        </Empty>
      }
      newFields={newPlacement}
      fields={settings}
      blank={{ publisher_id: query['publisher_id'] ?? '' }}
      textsOf={textsOf}
    >
      <Filters filters={filters} values={query} onChange={(values) => replaceAddress(to(['placements'], values))} />
    </SettingsList>
  );
}
