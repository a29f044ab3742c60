import { to } from '../../core/routing.ts';
import { useSession } from '../../core/session.tsx';
import type { Network } from '../../core/types.ts';
import { useList } from '../../core/use-list.ts';
import { Empty, Id, Page, Text } from '../../parts/basics.tsx';
import { type Column, ListTable } from '../../parts/data-table.tsx';

const columns: readonly Column<Network>[] = [
  {
    title: 'Title',
    cell: ({ network_id, title }) => (
      <span class="named">
        <a href={to(['networks', network_id])}>
          <Text of={title} />
        </a>
        <Id of={network_id} />
      </span>
    ),
  },
  {
    title: 'Made by',
    cell: ({ built_in }) => <span class={`badge ${built_in ? 'calm' : 'good'}`}>{built_in ? 'built in' : 'our own'}</span>,
  },
  {
    title: 'Signature',
    cell: ({ signing, shared_secret }) => <Text of={signing?.algorithm ?? (shared_secret ? 'shared secret' : null)} />,
  },
  { title: 'Not covered by it', cell: ({ open }) => <Text of={open.join(', ')} /> },
  { title: 'Converts', cell: ({ repeat }) => (repeat === 'per_transaction' ? 'per transaction' : 'once') },
  { title: 'Checked', cell: ({ checked }) => <Text of={checked} /> },
  {
    title: 'Actions',
    cell: ({ network_id, title }) => (
      <a href={to(['networks', '+'], { from: network_id })} aria-label={`Copy ${title}`}>
        Copy
      </a>
    ),
  },
];
const lookColumns = columns.filter(({ title }) => title !== 'Actions');
const keyOf = ({ network_id }: Network) => network_id;

export function NetworksPage() {
  const { role } = useSession();
  const list = useList<Network>('/networks', 'networks');
  const isAdmin = role === 'admin';
  return (
    <Page
      title="Networks"
      about="Parameter names, signatures and status words of partners' systems. To add a network, begin with a copy of a built-in one."
      actions={
        isAdmin && (
          <a class="button" href={to(['networks', '+'])}>
            New network
          </a>
        )
      }
    >
      <ListTable
        label="networks"
        list={list}
        columns={isAdmin ? columns : lookColumns}
        keyOf={keyOf}
        empty={<Empty title="No networks." />}
      />
    </Page>
  );
}
