import { useEffect, useMemo } from 'preact/hooks';
import { find } from '../../core/find.ts';
import { replacePage, to } from '../../core/routing.ts';
import { useSession } from '../../core/session.tsx';
import { useAnswer } from '../../core/use-answer.ts';
import { Empty, ErrorNote, Loading, Page, Section, Text } from '../../parts/basics.tsx';
import { Table } from '../../parts/data-table.tsx';
import { conversionColumns } from './conversions.tsx';
import { receivedColumns } from './received.tsx';

const columnsOfConversions = conversionColumns({});

/** Finds what a pasted text is about: if it is exactly one thing, its page opens; otherwise everything found is listed. */
export function FindPage({ text }: { readonly text: string }) {
  const { api, names } = useSession();
  const { value: found, error, reload } = useAnswer(useMemo(() => () => find(api, names, text), [api, names, text]));
  const only =
    found !== undefined && found.hits.length === 1 && found.conversions.length + found.logs.length === 0 ? found.hits[0] : undefined;
  useEffect(() => {
    if (only !== undefined) replacePage(to(only.page));
  }, [only]);
  return (
    <Page title="Find" about={<Text of={text} />}>
      {error && <ErrorNote error={error} onRetry={reload} />}
      {(found === undefined && !error) || only ? <Loading what="what has this id" /> : null}
      {found && !only && (
        <>
          {found.hits.length > 0 && (
            <Section title="Matches">
              <ul class="plain-list">
                {found.hits.map(({ kind, id, name, page }) => (
                  <li key={`${kind} ${id}`}>
                    {kind}: <a href={to(page)}>{name === undefined ? <Text of={id} /> : <Text of={name} />}</a>{' '}
                    <code class="id">{name && id}</code>
                  </li>
                ))}
              </ul>
            </Section>
          )}
          {found.conversions.length > 0 && (
            <Section title="Conversions" about="With this transaction id or user id.">
              <Table
                label="conversions"
                columns={columnsOfConversions}
                keyOf={({ conversion_id }) => conversion_id}
                pages={[found.conversions]}
              />
            </Section>
          )}
          {found.logs.length > 0 && (
            <Section title="Received postbacks" about="With this transaction id or user id, with our answer.">
              <Table label="received postbacks" columns={receivedColumns} keyOf={({ log_id }) => log_id} pages={[found.logs]} />
            </Section>
          )}
          {found.hits.length + found.conversions.length + found.logs.length === 0 && <NothingFound ids={found.ids} />}
        </>
      )}
    </Page>
  );
}

/** Says that nothing was received, what that means, and what to ask for. */
function NothingFound({ ids }: { readonly ids: readonly string[] }) {
  return (
    <Section title="None received">
      <p>
        We found no click, transaction, user, conversion, delivery, log, partner, publisher or offer with{' '}
        {ids.length === 0 ? 'an id like this' : ids.map((id, index) => [index > 0 && ' or ', <code key={id}>{id}</code>])}.
      </p>
      <Empty title="If a partner says that it sent this transaction, its postback has not reached us.">
        Ask the partner for the URL that it called, the time and the answer. It may have used a wrong host or a revoked key, which returns
        404. If it is confirmed, <a href={to(['import'])}>import it</a>, or compare the partner's whole file with our records. User ids come
        from the publisher: check the spelling.
      </Empty>
    </Section>
  );
}
