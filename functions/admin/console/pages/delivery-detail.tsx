import { path } from '../core/api.ts';
import { to } from '../core/routing.ts';
import { useSession } from '../core/session.tsx';
import type { Delivery } from '../core/types.ts';
import { useAction } from '../core/use-action.ts';
import { useLoad } from '../core/use-load.ts';
import { Badge, ErrorNote, Facts, Id, Loading, Page, Section, Time } from '../parts/basics.tsx';
import { useToast } from '../parts/toasts.tsx';
import { AttemptsTable } from './attempts.tsx';

export function DeliveryDetailPage({ id }: { readonly id: string }) {
  const { api, role } = useSession();
  const say = useToast();
  const { value, error, reload } = useLoad<{ delivery: Delivery }>(path`/forwarded-postbacks/${id}`);
  const resend = useAction(async () => {
    await api.post(path`/forwarded-postbacks/${id}/resend`);
    say('Resending.');
    reload();
  });
  const delivery = value?.delivery;
  return (
    <Page
      title="Delivery"
      up={{ href: to(['deliveries']), name: 'Deliveries' }}
      about={<code class="id">{id}</code>}
      actions={
        delivery && (
          <>
            <button type="button" onClick={reload}>
              Reload
            </button>
            {role === 'admin' && (
              <button type="button" class="primary" onClick={() => void resend.run()} disabled={resend.running}>
                {resend.running ? 'Working…' : 'Resend'}
              </button>
            )}
          </>
        )
      }
    >
      {resend.error && <ErrorNote error={resend.error} />}
      {error && <ErrorNote error={error} onRetry={reload} />}
      {!delivery && !error && <Loading what="the delivery" />}
      {delivery && (
        <>
          <Section title="Summary">
            <Facts
              of={[
                ['Status', <Badge status={delivery.status} />],
                ['Publisher', <Id of={delivery.publisher_id} href={to(['publishers', delivery.publisher_id])} />],
                [
                  'Conversion',
                  <Id
                    of={delivery.conversion_id}
                    href={delivery.conversion_id === null ? undefined : to(['conversions', delivery.conversion_id])}
                  />,
                ],
                ['Postback', <Id of={delivery.log_id} href={to(['received', delivery.log_id])} />],
                ['Created', <Time at={delivery.created_at} />],
                ['Delivered', <Time at={delivery.delivered_at} />],
                ['Next attempt', <Time at={delivery.next_attempt_at} />],
              ]}
            />
          </Section>
          <Section title="Attempts" about="Only a 2xx answer counts as delivered. We retry anything else for about three days.">
            <AttemptsTable attempts={delivery.attempts} />
          </Section>
        </>
      )}
    </Page>
  );
}
