import { useState } from 'preact/hooks';
import { path } from '../../core/api.ts';
import { navigate, to } from '../../core/routing.ts';
import { useSession } from '../../core/session.tsx';
import type { Publisher } from '../../core/types.ts';
import { useLoad } from '../../core/use-load.ts';
import { Badge, ErrorNote, Facts, Id, Loading, Page, Section, Text, Time } from '../../parts/basics.tsx';
import { FieldControl } from '../../parts/form.tsx';
import { MacroHelper } from './macro-helper.tsx';
import { publisherFields, publisherTexts } from './publisher-fields.ts';
import { PublisherHealth } from './publisher-health.tsx';
import { AttemptNote, PublisherPostbacks } from './publisher-postbacks.tsx';
import { NewSecret } from './secret-shown.tsx';
import { SettingsForm } from './settings-form.tsx';
import { useEndpoint, usePausing } from './use-endpoint.ts';

export function PublisherDetailPage({ id }: { readonly id: string }) {
  const { role } = useSession();
  const { value, error, reload } = useLoad<{ publisher: Publisher }>(path`/publishers/${id}`);
  const publisher = value?.publisher;
  return (
    <Page
      title={publisher?.name ?? 'Publisher'}
      up={{ href: to(['publishers']), name: 'Publishers' }}
      about={<Id of={id} />}
      actions={
        <>
          <a class="button" href={to(['placements'], { publisher_id: id })}>
            Placements
          </a>
          <a class="button" href={to(['deliveries'], { publisher_id: id })}>
            Deliveries
          </a>
        </>
      }
    >
      {error && <ErrorNote error={error} onRetry={reload} />}
      {!publisher && !error && <Loading what="the publisher" />}
      {publisher && (
        <>
          <Endpoint publisher={publisher} onChange={reload} />
          <PublisherHealth key={publisher.updated_at} publisherId={id} />
          <PublisherPostbacks publisherId={id} postbacks={publisher.postbacks} onChange={reload} />
          <Section title="Settings">
            {role === 'admin' ? (
              <SettingsForm
                fields={publisherFields}
                initial={publisherTexts(publisher)}
                at={path`/publishers/${id}`}
                changed={publisher.updated_at}
                saved="Saved. Takes effect within a minute."
                onSaved={reload}
              />
            ) : (
              <Facts
                of={[
                  ['Postback URL', <Text of={publisher.postback_url} />],
                  ['Method', publisher.postback_method],
                  ['Statuses to send', publisher.forward_statuses.join(', ')],
                ]}
              />
            )}
            <MacroHelper />
          </Section>
          <UserLookup publisherId={id} />
        </>
      )}
    </Page>
  );
}

/** Why the endpoint is not called as usual. */
function reasonOf({ reason, state, consecutive_failures: failures }: Publisher['endpoint']): string | null {
  switch (reason) {
    case 'manual':
      return 'paused by hand';
    case 'gone':
      return 'the publisher answered 410 Gone';
    case 'failing':
      return state === 'backing_off' ? `${failures} failures in a row` : 'nothing but failures for five days';
    default:
      return reason;
  }
}

/** The health of the plain URL's endpoint, and the actions for it. */
function Endpoint({ publisher, onChange }: { readonly publisher: Publisher; readonly onChange: () => void }) {
  const { role } = useSession();
  const { publisher_id: id, endpoint } = publisher;
  const { test, attempt, rotate, secret, forgetSecret, failure: refused } = useEndpoint(id);
  const toggle = usePausing(id, onChange);
  const failure = toggle.error ?? refused;
  return (
    <Section
      title="Endpoint"
      actions={
        role === 'admin' && (
          <>
            <button type="button" onClick={() => void test.run()} disabled={test.running || publisher.postback_url === null}>
              {test.running ? 'Sending…' : 'Send a test delivery'}
            </button>
            <button type="button" onClick={() => void toggle.run(endpoint)} disabled={toggle.running}>
              {endpoint.state === 'active' ? 'Pause' : 'Resume'}
            </button>
            <button type="button" onClick={() => void rotate.run()} disabled={rotate.running}>
              Rotate secret
            </button>
          </>
        )
      }
    >
      <Facts
        dense
        of={[
          ['State', <Badge status={endpoint.state} />],
          ['Reason', <Text of={reasonOf(endpoint)} />],
          ['Since', <Time at={endpoint.since} />],
          ['Failures in a row', endpoint.consecutive_failures],
          ['Valid signing secrets', publisher.signing.secrets],
        ]}
      />
      {publisher.postback_url === null && (
        <p class="help">No postback URL is set, so only placements with a URL of their own are notified.</p>
      )}
      {failure && <ErrorNote error={failure} />}
      {attempt && <AttemptNote attempt={attempt} />}
      {secret !== undefined && (
        <NewSecret
          secret={secret}
          onClose={() => {
            forgetSecret();
            onChange();
          }}
        />
      )}
    </Section>
  );
}

export function UserLookup({ publisherId }: { readonly publisherId: string }) {
  const [user, setUser] = useState('');
  return (
    <Section title="A user's points" about="Points are counted for each user of a publisher.">
      <form
        class="form row"
        aria-label="Find a user"
        onSubmit={(event) => {
          event.preventDefault();
          if (user.trim() !== '') navigate(to(['users', publisherId, user.trim()]));
        }}
      >
        <FieldControl field={{ name: 'user', label: 'User id' }} value={user} onChange={setUser} />
        <button type="submit">Show points</button>
      </form>
    </Section>
  );
}
