import type { Delivery } from '../../core/types.ts';
import { AnswerCode, Code, Text, Time } from '../../parts/basics.tsx';
import { type Column, Table } from '../../parts/data-table.tsx';

type Attempt = Delivery['attempts'][number];

const columns: readonly Column<Attempt>[] = [
  { title: 'When', cell: ({ at }) => <Time at={at} /> },
  { title: 'Outcome', cell: ({ code }) => <AnswerCode of={code} /> },
  { title: 'Took', align: 'end', cell: ({ duration_ms }) => <span class="amount">{duration_ms} ms</span> },
  { title: 'URL', cell: ({ url }) => (url === null ? <Text of={null} /> : <Code of={url} />) },
  { title: 'Answer', cell: ({ answer }) => <Text of={answer} /> },
];

export function AttemptsTable({ attempts }: { readonly attempts: readonly Attempt[] }) {
  if (attempts.length === 0) return <p class="muted">No attempt has been made yet.</p>;
  return <Table label="attempts" columns={columns} keyOf={({ at }) => at} pages={[attempts]} />;
}
