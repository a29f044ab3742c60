import { path } from '../../core/api.ts';
import { to } from '../../core/routing.ts';
import { useSession } from '../../core/session.tsx';
import type { Delivery } from '../../core/types.ts';
import { useAction } from '../../core/use-action.ts';
import { useLoad } from '../../core/use-load.ts';
import { Badge, Code, ErrorNote, Facts, Id, Loading, Page, Section, Text, Time } from '../../parts/basics.tsx';
import { Name } from '../../parts/name.tsx';
import { useToast } from '../../parts/toasts.tsx';
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
  const isBound = role === 'publisher';
  return (
    <Page
      title="Delivery"
      up={{ href: to(['deliveries']), name: 'Deliveries' }}
      about={<Id of={id} />}
      actions={
        delivery && (
          <>
            <button type="button" onClick={reload}>
              Reload
            </button>
            {(role === 'admin' || role === 'publisher') && (
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
                ['Publisher', <Name of="publisher" id={delivery.publisher_id} />],
                ['Postback', <Text of={delivery.postback_id ?? 'plain'} />],
                ['Change', <Text of={delivery.sequence === null ? null : `number ${delivery.sequence} of the conversion`} />],
                [
                  'Conversion',
                  <Id
                    of={delivery.conversion_id}
                    href={delivery.conversion_id === null || isBound ? undefined : to(['conversions', delivery.conversion_id])}
                  />,
                ],
                ['Caused by', <Id of={delivery.log_id} href={isBound ? undefined : to(['received', delivery.log_id])} />],
                ['Created', <Time at={delivery.created_at} />],
                ['Delivered', <Time at={delivery.delivered_at} />],
                ['Next attempt', <Time at={delivery.next_attempt_at} />],
              ]}
            />
          </Section>
          <Section title="Attempts" about="Only a 2xx answer counts as delivered. We retry anything else for about three days.">
            <AttemptsTable attempts={delivery.attempts} />
          </Section>
          {delivery.sent && (
            <Section title="What we sent" about="In the last attempt; secrets are hidden.">
              <Code of={`${delivery.sent.method} ${delivery.sent.url}`} />
              <Facts dense of={Object.entries(delivery.sent.headers).map(([name, text]) => [name, <Code of={text} />])} />
              {delivery.sent.body !== null && <Code of={delivery.sent.body} />}
            </Section>
          )}
        </>
      )}
    </Page>
  );
}
