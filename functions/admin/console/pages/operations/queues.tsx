import { path } from '../../core/api.ts';
import { useSession } from '../../core/session.tsx';
import { durationText } from '../../core/times.ts';
import type { Queue } from '../../core/types.ts';
import { useAction } from '../../core/use-action.ts';
import { useLoad } from '../../core/use-load.ts';
import { ErrorNote, Facts, Loading, Page, Section } from '../../parts/basics.tsx';
import { useToast } from '../../parts/toasts.tsx';

const purposes: Readonly<Record<string, string>> = {
  conversions: 'Accepted postbacks that wait to be settled.',
  deliveries: 'Notifications that wait to be sent to publishers.',
};

export function QueuesPage() {
  const { value, error, reload } = useLoad<{ queues: readonly Queue[] }>('/queues');
  return (
    <Page
      title="Queues"
      about="Waiting work and dead letters. Counts are approximate."
      actions={
        <button type="button" onClick={reload}>
          Reload
        </button>
      }
    >
      {error && <ErrorNote error={error} onRetry={reload} />}
      {!value && !error && <Loading what="the queues" />}
      {value?.queues.map((queue) => (
        <QueueCard key={queue.name} queue={queue} onChange={reload} />
      ))}
    </Page>
  );
}

function QueueCard({ queue, onChange }: { readonly queue: Queue; readonly onChange: () => void }) {
  const { api, role } = useSession();
  const say = useToast();
  const { run, running, error } = useAction(async () => {
    const { moving } = await api.post<{ moving: number }>(path`/queues/${queue.name}/redrive`);
    say(`Moving ${moving} messages back to the queue.`);
    onChange();
  });
  return (
    <Section
      title={queue.name}
      about={purposes[queue.name]}
      actions={
        role === 'admin' && (
          <button type="button" onClick={() => void run()} disabled={running || queue.dead_letters === 0}>
            Redrive dead letters
          </button>
        )
      }
    >
      <Facts
        dense
        of={[
          ['Waiting', queue.depth],
          ['In progress', queue.in_flight],
          ['Delayed', queue.delayed],
          ['Dead letters', <strong class={queue.dead_letters > 0 ? 'amount negative' : 'amount'}>{queue.dead_letters}</strong>],
          ['Oldest unfinished', queue.oldest_age_seconds === null ? 'none' : durationText(queue.oldest_age_seconds)],
        ]}
      />
      {error && <ErrorNote error={error} />}
    </Section>
  );
}
