import { replaceAddress, to } from '../../core/routing.ts';
import type { Placement } from '../../core/types.ts';
import { useList } from '../../core/use-list.ts';
import { Amount, Code, Empty, Id, Text, Time } from '../../parts/basics.tsx';
import type { Column } from '../../parts/data-table.tsx';
import { type Filter, Filters } from '../../parts/filters.tsx';
import { Name } from '../../parts/name.tsx';
import { newPlacementFields, placementFields, placementTexts } from './placement-fields.ts';
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
      newFields={newPlacementFields}
      fields={placementFields}
      blank={{ publisher_id: query['publisher_id'] ?? '' }}
      textsOf={placementTexts}
    >
      <Filters filters={filters} values={query} onChange={(values) => replaceAddress(to(['placements'], values))} />
    </SettingsList>
  );
}
