import { useMemo } from 'preact/hooks';
import { path } from '../../core/api.ts';
import { orNothing } from '../../core/find.ts';
import { to } from '../../core/routing.ts';
import { useSession } from '../../core/session.tsx';
import type { Click, LogSummary } from '../../core/types.ts';
import { useAnswer } from '../../core/use-answer.ts';
import { useList } from '../../core/use-list.ts';
import { ErrorNote, Facts, Id, Loading, Note, Page, Section, Text, Time } from '../../parts/basics.tsx';
import { ListTable } from '../../parts/data-table.tsx';
import { Name } from '../../parts/name.tsx';
import { receivedColumns } from './received.tsx';

/** A click and everything that was received for it; the page also says when nothing was. */
export function ClickPage({ id }: { readonly id: string }) {
  const { api } = useSession();
  const asked = useAnswer(
    useMemo(() => async () => ({ click: (await orNothing(api.get<{ click: Click }>(path`/clicks/${id}`)))?.click }), [api, id]),
  );
  const list = useList<LogSummary>('/received-postbacks', 'logs', { click_id: id });
  const click = asked.value?.click;
  return (
    <Page title="Click" up={{ href: to(['received']), name: 'Received postbacks' }} about={<Id of={id} />}>
      {asked.error && <ErrorNote error={asked.error} onRetry={asked.reload} />}
      {!asked.value && !asked.error && <Loading what="the click" />}
      {asked.value && !click && <UnknownClick id={id} />}
      {click && (
        <Section title="Clicked">
          <Facts
            of={[
              ['When', <Time at={click.clicked_at} />],
              ['User', <Id of={click.user_id} href={to(['users', click.publisher_id, click.user_id])} />],
              ['Offer', <Name of="offer" id={click.offer_id} />],
              ['Partner', <Name of="partner" id={click.partner_id} />],
              ['Publisher', <Name of="publisher" id={click.publisher_id} />],
              ['Placement', <Id of={click.placement_id} />],
              ['Country', <Text of={click.country} />],
            ]}
          />
        </Section>
      )}
      <Section title="Received postbacks" about="Every postback for this click, newest first, with our answer.">
        <ListTable
          label="received postbacks"
          list={list}
          columns={receivedColumns}
          keyOf={({ log_id }) => log_id}
          empty={<NoneReceived click={click} />}
        />
      </Section>
    </Page>
  );
}

function UnknownClick({ id }: { readonly id: string }) {
  return (
    <Note tone="warn">
      <p>
        We have no click <code>{id}</code>: our tracking link never made it, it was truncated or altered in transit, or it is older than we
        keep clicks. We answer postbacks for it with <code>click_not_found</code>.
      </p>
    </Note>
  );
}

/** Says what it means that no postback was received, and what to do about it. */
function NoneReceived({ click }: { readonly click: Click | undefined }) {
  return (
    <div class="note warn">
      <p>
        <strong>None received.</strong> No postback has named this click, so nobody was paid for it.
      </p>
      {click && (
        <>
          <p>
            Either the user has not completed the offer, or the partner has not approved it yet, or its postback never reached us. What came
            without our click id is found by its transaction.
          </p>
          <ul class="plain-list">
            <li>
              See <a href={to(['received'], { partner_id: click.partner_id })}>what this partner sent</a> since: if nothing arrives at all,
              its postback URL or key is wrong.
            </li>
            <li>
              See <a href={to(['conversions'], { publisher_id: click.publisher_id, user_id: click.user_id })}>what else this user did</a>.
            </li>
            <li>
              Ask the partner about this click id. If it confirms the conversion, have it send the postback again, or{' '}
              <a href={to(['import'], { partner_id: click.partner_id })}>import it</a>.
            </li>
          </ul>
        </>
      )}
    </div>
  );
}
