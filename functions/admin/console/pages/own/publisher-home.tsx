import { path } from '../../core/api.ts';
import { to } from '../../core/routing.ts';
import type { OwnPublisher } from '../../core/types.ts';
import { useLoad } from '../../core/use-load.ts';
import { Badge, ErrorNote, Facts, Id, Loading, Page, Section } from '../../parts/basics.tsx';
import { MacroHelper } from '../setup/macro-helper.tsx';
import { UserLookup } from '../setup/publisher-detail.tsx';
import { ownPublisherFields, ownPublisherTexts } from '../setup/publisher-fields.ts';
import { PublisherHealth } from '../setup/publisher-health.tsx';
import { AttemptNote, PublisherPostbacks } from '../setup/publisher-postbacks.tsx';
import { NewSecret } from '../setup/secret-shown.tsx';
import { SettingsForm } from '../setup/settings-form.tsx';
import { useEndpoint } from '../setup/use-endpoint.ts';

/** What a publisher sees first: how its postbacks are doing, and every setting of them that it may change. */
export function PublisherHomePage({ id }: { readonly id: string }) {
  const { value, error, reload } = useLoad<{ publisher: OwnPublisher }>(path`/publishers/${id}`);
  const { test, attempt, rotate, secret, forgetSecret, failure } = useEndpoint(id);
  const publisher = value?.publisher;
  return (
    <Page
      title={publisher?.name ?? 'Overview'}
      about={<Id of={id} />}
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
            about="Called when no other postback matches."
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
            <SettingsForm
              label="Plain postback"
              fields={ownPublisherFields}
              initial={ownPublisherTexts(publisher)}
              at={path`/publishers/${id}`}
              changed={publisher.updated_at}
              saved="Saved. Takes effect within a minute."
              onSaved={reload}
            />
            <MacroHelper />
          </Section>
          <PublisherPostbacks publisherId={id} postbacks={publisher.postbacks} onChange={reload} />
          <UserLookup publisherId={id} />
        </>
      )}
      {secret !== undefined && <NewSecret secret={secret} onClose={forgetSecret} />}
    </Page>
  );
}
