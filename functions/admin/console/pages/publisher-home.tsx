import { useState } from 'preact/hooks';
import { path } from '../core/api.ts';
import { to } from '../core/routing.ts';
import { useSession } from '../core/session.tsx';
import type { OwnPublisher, TestAttempt } from '../core/types.ts';
import { useAction } from '../core/use-action.ts';
import { useLoad } from '../core/use-load.ts';
import { Badge, ErrorNote, Facts, Loading, Page, Section } from '../parts/basics.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Form } from '../parts/form.tsx';
import { useToast } from '../parts/toasts.tsx';
import { MacroHelper } from './macro-helper.tsx';
import { UserLookup } from './publisher-detail.tsx';
import { ownPublisherFields, ownPublisherTexts } from './publisher-fields.ts';
import { PublisherHealth } from './publisher-health.tsx';
import { AttemptNote, PublisherPostbacks } from './publisher-postbacks.tsx';
import { SecretShown, Warnings } from './secret-shown.tsx';

/** What a publisher sees first: how its postbacks are doing, and everything it may change of them. */
export function PublisherHomePage({ id }: { readonly id: string }) {
  const { api } = useSession();
  const say = useToast();
  const { value, error, reload } = useLoad<{ publisher: OwnPublisher }>(path`/publishers/${id}`);
  const [warnings, setWarnings] = useState<readonly string[]>([]);
  const [attempt, setAttempt] = useState<TestAttempt | undefined>();
  const [secret, setSecret] = useState<string | undefined>();
  const publisher = value?.publisher;
  const test = useAction(async () => {
    setAttempt(undefined);
    setAttempt((await api.post<{ attempt: TestAttempt }>(path`/publishers/${id}/test-delivery`, {})).attempt);
  });
  const rotate = useAction(async () => setSecret((await api.post<{ secret: string }>(path`/publishers/${id}/rotate-secret`, {})).secret));
  const failure = test.error ?? rotate.error;
  return (
    <Page
      title={publisher?.name ?? 'Overview'}
      about={<code class="id">{id}</code>}
      actions={
        <a class="button" href={to(['deliveries'])}>
          Deliveries
        </a>
      }
    >
      {error && <ErrorNote error={error} onRetry={reload} />}
      {!publisher && !error && <Loading what="your settings" />}
      {publisher && (
        <>
          <PublisherHealth key={publisher.updated_at} publisherId={id} />
          <Section
            title="Plain postback"
            about="Called for every change that none of the other postbacks matches."
            actions={
              <>
                <button type="button" onClick={() => void test.run()} disabled={test.running || publisher.postback_url === null}>
                  {test.running ? 'Sending…' : 'Send a test delivery'}
                </button>
                <button type="button" onClick={() => void rotate.run()} disabled={rotate.running}>
                  Rotate secret
                </button>
              </>
            }
          >
            <Facts dense of={[['State', <Badge status={publisher.endpoint.state} />]]} />
            {failure && <ErrorNote error={failure} />}
            {attempt && <AttemptNote attempt={attempt} />}
            <Warnings of={warnings} />
            <Form
              key={publisher.updated_at}
              label="Plain postback"
              fields={ownPublisherFields}
              initial={ownPublisherTexts(publisher)}
              change
              submit="Save"
              onSubmit={async (body) => {
                const saved = await api.patch<{ warnings: readonly string[] }>(path`/publishers/${id}`, body);
                setWarnings(saved.warnings);
                say('Saved. Takes effect within a minute.');
                reload();
              }}
            />
            <MacroHelper />
          </Section>
          <PublisherPostbacks publisherId={id} postbacks={publisher.postbacks} onChange={reload} />
          <UserLookup publisherId={id} />
        </>
      )}
      {secret !== undefined && (
        <Dialog title="New signing secret" onClose={() => setSecret(undefined)}>
          <SecretShown secret={secret} />
          <p class="help">Deliveries are signed with both this secret and the previous one until you rotate it again.</p>
        </Dialog>
      )}
    </Page>
  );
}
