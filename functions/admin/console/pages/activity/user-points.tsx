import { path } from '../../core/api.ts';
import { to } from '../../core/routing.ts';
import { useSession } from '../../core/session.tsx';
import type { ConversionSummary, LedgerEntry } from '../../core/types.ts';
import { useList } from '../../core/use-list.ts';
import { useLoad } from '../../core/use-load.ts';
import { Amount, Badge, Empty, ErrorNote, Id, Loading, Money, Page, Section, Text, Time } from '../../parts/basics.tsx';
import { type Column, ListTable } from '../../parts/data-table.tsx';
import { DownloadCsv } from '../../parts/download.tsx';
import { conversionColumns } from './conversions.tsx';

const columns: readonly Column<LedgerEntry>[] = [
  { title: 'When', cell: ({ at }) => <Time at={at} /> },
  {
    title: 'Reason',
    cell: ({ status, reason }) => (
      <>
        <Badge status={status} /> {reason && <Text of={reason} />}
      </>
    ),
  },
  { title: 'Conversion', cell: ({ conversion_id }) => <Id of={conversion_id} href={to(['conversions', conversion_id])} /> },
  { title: 'Postback', cell: ({ log_id }) => <Id of={log_id} href={to(['received', log_id])} /> },
  { title: 'Payout', align: 'end', cell: ({ payout, currency }) => <Money of={payout} currency={currency} /> },
  { title: 'Points', align: 'end', cell: ({ points }) => <Amount of={points} /> },
  { title: 'Balance after', align: 'end', cell: ({ balance }) => <Amount of={balance} /> },
];
const keyOf = ({ entry_id }: LedgerEntry) => entry_id;

/** A user's balance at a publisher, and every change that led to it. */
export function UserPointsPage({ publisher, user }: { readonly publisher: string; readonly user: string }) {
  const { role } = useSession();
  const address = path`/publishers/${publisher}/users/-/points`;
  // The id is in the query, which can hold any id: a question mark would end the path at the gateway.
  const query = { user_id: user };
  const { value, error } = useLoad<{ balance: string }>(address, { ...query, limit: '1' });
  const list = useList<LedgerEntry>(address, 'entries', query);
  return (
    <Page
      title="User"
      up={{ href: to(['publishers', publisher]), name: publisher }}
      about={<Id of={user} />}
      actions={<DownloadCsv path={address} query={query} name="ledger" />}
    >
      <Section title="Balance">
        {error && <ErrorNote error={error} />}
        {!value && !error && <Loading what="the balance" />}
        {value && (
          <p class="figure">
            <Amount of={value.balance} unit="points" />
          </p>
        )}
        {value?.balance.startsWith('-') && <p class="help">More was taken back than was left. The entries below show why.</p>}
      </Section>
      <h2>Ledger</h2>
      <ListTable
        label="ledger entries"
        list={list}
        columns={columns}
        keyOf={keyOf}
        empty={<Empty title="No points yet.">Check the user id: an unknown user has no points either.</Empty>}
      />
      {(role === 'admin' || role === 'viewer') && <Conversions publisher={publisher} user={user} />}
    </Page>
  );
}

const conversionsOfUser = conversionColumns({}).filter(({ title }) => title !== 'Publisher');

/** This list also shows what has not moved any points: held, pending and rejected conversions. */
function Conversions({ publisher, user }: { readonly publisher: string; readonly user: string }) {
  const list = useList<ConversionSummary>('/conversions', 'conversions', { publisher_id: publisher, user_id: user });
  return (
    <>
      <h2>Conversions</h2>
      <ListTable
        label="conversions"
        list={list}
        columns={conversionsOfUser}
        keyOf={({ conversion_id }) => conversion_id}
        empty={
          <Empty title="No conversions.">
            We received no postback for this user. Look up one of the user's clicks to see whether we refused anything.
          </Empty>
        }
      />
    </>
  );
}
