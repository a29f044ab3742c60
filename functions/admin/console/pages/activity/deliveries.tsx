import { useState } from 'preact/hooks';
import { deliveryStatuses } from '../../../../domain/delivery/delivery.ts';
import { replaceAddress, to } from '../../core/routing.ts';
import { useSession } from '../../core/session.tsx';
import type { Delivery } from '../../core/types.ts';
import { useAction } from '../../core/use-action.ts';
import { useList } from '../../core/use-list.ts';
import { AnswerCode, Badge, Empty, ErrorNote, Id, Note, Page, Text, Time } from '../../parts/basics.tsx';
import { type Column, ListTable } from '../../parts/data-table.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { DownloadCsv } from '../../parts/download.tsx';
import { type Filter, Filters } from '../../parts/filters.tsx';
import { useToast } from '../../parts/toasts.tsx';

const filters: readonly Filter[] = [
  { name: 'publisher_id', label: 'Publisher', idOf: 'publisher' },
  { name: 'status', label: 'Status', options: deliveryStatuses },
  { name: 'from', label: 'From', kind: 'date' },
  { name: 'to', label: 'To', kind: 'date' },
];

const columns: readonly Column<Delivery>[] = [
  {
    title: 'Created',
    cell: ({ delivery_id, created_at }) => (
      <a href={to(['deliveries', delivery_id])}>
        <Time at={created_at} />
      </a>
    ),
  },
  { title: 'Status', cell: ({ status }) => <Badge status={status} /> },
  { title: 'Publisher', cell: ({ publisher_id }) => <Id of={publisher_id} href={to(['publishers', publisher_id])} /> },
  { title: 'Attempts', align: 'end', cell: ({ attempts }) => attempts.length },
  { title: 'Last answer', cell: ({ attempts }) => <AnswerCode of={attempts.at(-1)?.code} /> },
  { title: 'Next attempt', cell: ({ next_attempt_at }) => <Time at={next_attempt_at} /> },
  {
    title: 'Conversion',
    cell: ({ conversion_id }) =>
      conversion_id === null ? <Text of="forwarded unchanged" /> : <Id of={conversion_id} href={to(['conversions', conversion_id])} />,
  },
];
const keyOf = ({ delivery_id }: Delivery) => delivery_id;

export function DeliveriesPage({ query }: { readonly query: Readonly<Record<string, string>> }) {
  const { role } = useSession();
  const isBound = role === 'publisher';
  const list = useList<Delivery>('/forwarded-postbacks', 'logs', query);
  const [resending, setResending] = useState(false);
  return (
    <Page
      title="Deliveries"
      about="Notifications to publishers, from their first attempt on."
      actions={
        <>
          <DownloadCsv path="/forwarded-postbacks" name="deliveries" query={query} />
          {(role === 'admin' || isBound) && (
            <button type="button" onClick={() => setResending(true)}>
              Resend many
            </button>
          )}
        </>
      }
    >
      <Filters
        filters={isBound ? filters.filter(({ name }) => name !== 'publisher_id') : filters}
        values={query}
        onChange={(values) => replaceAddress(to(['deliveries'], values))}
      />
      <ListTable
        label="deliveries"
        list={list}
        columns={isBound ? columns.filter(({ title }) => title !== 'Publisher' && title !== 'Conversion') : columns}
        keyOf={keyOf}
        empty={
          <Empty title="No deliveries match.">
            Deliveries appear with their first attempt. Check that the <a href={to(['publishers'])}>publisher</a> has a postback URL.
          </Empty>
        }
      />
      {resending && (
        <ResendDialog
          query={query}
          onClose={() => {
            setResending(false);
            list.reload();
          }}
        />
      )}
    </Page>
  );
}

interface Resent {
  readonly count: number;
  readonly resent: number;
  readonly next_cursor: string | null;
}

/** Counts first, then sends: page by page, as the API does. */
function ResendDialog({ query, onClose }: { readonly query: Readonly<Record<string, string>>; readonly onClose: () => void }) {
  const { api } = useSession();
  const say = useToast();
  const [found, setFound] = useState<number | undefined>();
  const [sent, setSent] = useState<number | undefined>();
  const walk = async (dryRun: boolean, onCount: (count: number) => void): Promise<void> => {
    let total = 0;
    let cursor: string | null = null;
    do {
      const page: Resent = await api.post('/forwarded-postbacks/resend', { ...query, dry_run: dryRun, ...(cursor !== null && { cursor }) });
      total += dryRun ? page.count : page.resent;
      onCount(total);
      cursor = page.next_cursor;
    } while (cursor !== null);
  };
  const count = useAction(async () => walk(true, setFound));
  const send = useAction(async () => {
    await walk(false, setSent);
    say('Resending the deliveries.');
  });
  const failure = count.error ?? send.error;
  const chosen = Object.entries(query).map(([name, value]) => `${name.replaceAll('_', ' ')}: ${value}`);
  return (
    <Dialog title="Resend many" onClose={onClose}>
      <p>
        Resends the deliveries that match the current filters, under their own ids, so that publishers can drop repeats. With no status
        selected: everything undelivered that isn't already scheduled (held, dead, no URL).
      </p>
      <p class="muted">Filters: {chosen.length === 0 ? 'none' : <Text of={chosen.join(', ')} />}</p>
      {found !== undefined && sent === undefined && (
        <Note tone="calm">
          <p>{found === 1 ? '1 delivery matches.' : `${found} deliveries match.`}</p>
        </Note>
      )}
      {sent !== undefined && (
        <Note tone="good">
          <p>{sent} resent.</p>
        </Note>
      )}
      {failure && <ErrorNote error={failure} />}
      <div class="actions">
        <button type="button" onClick={() => void count.run()} disabled={count.running || send.running}>
          {count.running ? 'Counting…' : 'Dry run'}
        </button>
        <button
          type="button"
          class="primary"
          onClick={() => void send.run()}
          disabled={found === undefined || found === 0 || send.running || sent !== undefined}
        >
          {send.running ? 'Sending…' : 'Resend'}
        </button>
      </div>
    </Dialog>
  );
}
