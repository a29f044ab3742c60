import { useState } from 'preact/hooks';
import { path } from '../../core/api.ts';
import { to } from '../../core/routing.ts';
import { useSession } from '../../core/session.tsx';
import type { Key, Log, OwnTestResult } from '../../core/types.ts';
import { useAction } from '../../core/use-action.ts';
import { useList } from '../../core/use-list.ts';
import { useLoad } from '../../core/use-load.ts';
import { Badge, Code, Empty, ErrorNote, Facts, Id, Loading, Page, Section, Text, Time } from '../../parts/basics.tsx';
import { type Column, ListTable } from '../../parts/data-table.tsx';
import { FieldControl } from '../../parts/form.tsx';

const keys: readonly Column<Key>[] = [
  { title: 'Key', cell: ({ prefix }) => <Code of={`${prefix}…`} /> },
  { title: 'Label', cell: ({ label }) => label },
  { title: 'Status', cell: ({ status }) => <Badge status={status} /> },
  { title: 'Last used', cell: ({ last_used_at }) => <Time at={last_used_at} /> },
];

/** What a partner sees first: its keys, its URLs, and a test of what a postback would do. */
export function PartnerHomePage({ id }: { readonly id: string }) {
  const list = useList<Key>(path`/partners/${id}/keys`, 'keys');
  return (
    <Page
      title="Overview"
      about={<Id of={id} />}
      actions={
        <a class="button" href={to(['received'])}>
          Received postbacks
        </a>
      }
    >
      <Section title="Keys" about="Your postbacks go to the URL below, with one of your keys in it.">
        <Code of={`${location.origin}/postback/YOUR_KEY`} />
        <ListTable
          label="keys"
          list={list}
          columns={keys}
          keyOf={({ key_id }) => key_id}
          empty={<Empty title="You have no key yet.">Ask us for one.</Empty>}
        />
      </Section>
      <Tester partnerId={id} />
    </Page>
  );
}

function Tester({ partnerId }: { readonly partnerId: string }) {
  const { api } = useSession();
  const [query, setQuery] = useState('click_id=&payout=5.00&status=approved&transaction_id=T-1');
  const [result, setResult] = useState<OwnTestResult | undefined>();
  const run = useAction(async () => {
    const params = Object.fromEntries(new URLSearchParams(query.replace(/^.*\?/, '')));
    setResult(await api.post<OwnTestResult>('/postback-receiver/test', { partner_id: partnerId, params }));
  });
  return (
    <Section title="Try a postback" about="Nothing is stored and nobody is paid.">
      <form
        class="form"
        aria-label="Try a postback"
        onSubmit={(event) => {
          event.preventDefault();
          void run.run();
        }}
      >
        <FieldControl
          field={{ name: 'query', label: 'Parameters', help: 'A whole URL, or only its query string.' }}
          value={query}
          onChange={setQuery}
        />
        {run.error && <ErrorNote error={run.error} />}
        <div class="actions">
          <button type="submit" class="primary" disabled={run.running}>
            {run.running ? 'Trying…' : 'Try it'}
          </button>
        </div>
      </form>
      {result && (
        <div class={`note ${result.success ? 'good' : 'bad'}`} role="status" aria-label="Result of the try">
          <p>
            <Badge status={result.result} /> {result.code !== null && <code>{result.code}</code>} <Text of={result.message} />
          </p>
          {result.cure !== null && <p>{result.cure}</p>}
        </div>
      )}
    </Section>
  );
}

/** One of a partner's own postbacks: what was received, what it led to, and what to do about it. */
export function PartnerReceivedPage({ id }: { readonly id: string }) {
  const { value, error, reload } = useLoad<{ log: Log }>(path`/received-postbacks/${id}`);
  const log = value?.log;
  return (
    <Page title="Received postback" up={{ href: to(['received']), name: 'Received postbacks' }} about={<Id of={id} />}>
      {error && <ErrorNote error={error} onRetry={reload} />}
      {!log && !error && <Loading what="the postback" />}
      {log && (
        <>
          <Section title="Result">
            <Facts
              of={[
                ['Result', <Badge status={log.result} />],
                ['Code', <Text of={log.code} />],
                ['Message', <Text of={log.message} />],
                ['What to do', <Text of={log.cure} />],
                ['Received', <Time at={log.received_at} />],
                ['Click', <Text of={log.click_id} />],
                ['Transaction', <Text of={log.transaction_id} />],
                ['Status', <Text of={log.status} />],
                ['Payout', <Text of={log.payout} />],
              ]}
            />
          </Section>
          <Section title="Request">
            <Code of={`${log.raw.method} ${log.raw.path}${log.raw.query === '' ? '' : `?${log.raw.query}`}`} />
            {log.raw.body !== null && <Code of={log.raw.body} />}
          </Section>
        </>
      )}
    </Page>
  );
}
