import { path } from '../../core/api.ts';
import { to } from '../../core/routing.ts';
import type { EndpointHealth } from '../../core/types.ts';
import { useLoad } from '../../core/use-load.ts';
import { AnswerCode, Badge, ErrorNote, Loading, Section, Text, Time } from '../../parts/basics.tsx';
import { type Column, Table } from '../../parts/data-table.tsx';

const columns: readonly Column<EndpointHealth>[] = [
  { title: 'Postback', cell: ({ postback_id }) => <Text of={postback_id ?? 'plain'} /> },
  { title: 'State', cell: ({ state }) => <Badge status={state} /> },
  {
    title: 'Reason',
    cell: ({ reason, consecutive_failures }) => <Text of={reason === 'failing' ? `${consecutive_failures} failures in a row` : reason} />,
  },
  { title: 'Attempts in 24 h', align: 'end', cell: ({ last_24_hours: { attempts } }) => attempts },
  { title: 'Failures', align: 'end', cell: ({ last_24_hours: { failures } }) => failures },
  {
    title: 'Success',
    align: 'end',
    cell: ({ last_24_hours: { success_rate } }) =>
      success_rate === null ? <Text of={null} /> : `${Math.round(success_rate * 1_000) / 10}%`,
  },
  { title: 'Not delivered', cell: ({ undelivered }) => <Text of={undeliveredText(undelivered)} /> },
  {
    title: 'Last failure',
    cell: ({ last_failure: last }) =>
      last === null ? (
        <Text of={null} />
      ) : (
        <a href={to(['deliveries', last.delivery_id])}>
          <AnswerCode of={last.code} /> <Time at={last.at} />
        </a>
      ),
  },
];

/** How each postback of a publisher is doing. This is where to look when users do not get their points. */
export function PublisherHealth({ publisherId }: { readonly publisherId: string }) {
  const { value, error, reload } = useLoad<{ endpoints: readonly EndpointHealth[]; counted_all: boolean }>(
    path`/publishers/${publisherId}/health`,
  );
  return (
    <Section title="Health" about="Each postback in the last 24 hours.">
      {error && <ErrorNote error={error} onRetry={reload} />}
      {!value && !error && <Loading what="the health" />}
      {value && (
        <Table
          label="health of postbacks"
          columns={columns}
          keyOf={({ postback_id }) => postback_id ?? ''}
          pages={[
            value.endpoints.filter(({ postback_id, url, last_24_hours: day }) => postback_id !== null || url !== null || day.attempts > 0),
          ]}
        />
      )}
      {value?.counted_all === false && <p class="help">Only the newest undelivered ones are counted.</p>}
    </Section>
  );
}

function undeliveredText(counts: EndpointHealth['undelivered']): string | null {
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  return some.length === 0 ? null : some.map(([status, count]) => `${count} ${status.replace('_', ' ')}`).join(', ');
}
