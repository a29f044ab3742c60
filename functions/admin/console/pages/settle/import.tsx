import { useState } from 'preact/hooks';
import { queryText } from '../../core/api.ts';
import { to } from '../../core/routing.ts';
import { useSession } from '../../core/session.tsx';
import type { ImportReport } from '../../core/types.ts';
import { useAction } from '../../core/use-action.ts';
import { Empty, ErrorNote, Note, Page, Section } from '../../parts/basics.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { FieldControl } from '../../parts/form.tsx';
import { ImportColumns, ImportRows, ImportSource } from './import-parts.tsx';

/** Imports a file of a partner that reconciles by file: a person first tries it, and then imports exactly what was tried. */
export function ImportPage({ query }: { readonly query: Readonly<Record<string, string>> }) {
  const { role } = useSession();
  return (
    <Page
      title="Import"
      about="Import conversions and adjustments from a partner's own report. Each row is treated as a postback; rows that we already have are duplicates, so importing a file again is safe."
    >
      {role === 'admin' ? (
        <Import partnerId={query['partner_id'] ?? ''} />
      ) : (
        <Empty title="Viewers can't import.">Ask someone with an admin token.</Empty>
      )}
    </Page>
  );
}

function Import({ partnerId }: { readonly partnerId: string }) {
  const { api } = useSession();
  const [partner, setPartner] = useState(partnerId);
  const [csv, setCsv] = useState('');
  const [report, setReport] = useState<ImportReport | undefined>();
  const [asking, setAsking] = useState(false);
  const send = async (dryRun: boolean): Promise<void> => {
    const about = queryText({ partner_id: partner.trim(), dry_run: String(dryRun) });
    setReport(await api.postText<ImportReport>(`/conversions/import${about}`, csv, 'text/csv'));
  };
  const tryIt = useAction(async () => {
    setReport(undefined);
    await send(true);
  });
  /** After a change, the tried report is no longer about what would be imported. */
  const changed = <Value,>(set: (value: Value) => void) => {
    return (value: Value) => {
      set(value);
      setReport(undefined);
    };
  };
  return (
    <>
      <Section title="File">
        <form
          class="form"
          aria-label="Import"
          onSubmit={(event) => {
            event.preventDefault();
            void tryIt.run();
          }}
        >
          <FieldControl
            field={{
              name: 'partner_id',
              label: 'Partner',
              idOf: 'partner',
              required: true,
              placeholder: 'acme',
              help: 'Id of the partner that sent the file.',
            }}
            value={partner}
            onChange={changed(setPartner)}
          />
          <ImportSource text={csv} onChange={changed(setCsv)} />
          <ImportColumns />
          {tryIt.error && <ErrorNote error={tryIt.error} />}
          <div class="actions">
            <button type="submit" class={report === undefined ? 'primary' : ''} disabled={tryIt.running || csv.trim() === ''}>
              {tryIt.running ? 'Trying…' : 'Dry run'}
            </button>
            <span class="muted">Shows what each row would do, and stores nothing.</span>
          </div>
        </form>
      </Section>
      {report && <Report report={report} onImport={() => setAsking(true)} />}
      {asking && report && (
        <Confirm
          title="Import these rows?"
          action={`Import ${rowsText(report)}`}
          tone="primary"
          keep="Not now"
          onClose={() => setAsking(false)}
          onConfirm={async () => {
            await send(false);
            setAsking(false);
          }}
        >
          Each row is recorded as a postback of <code>{report.partner_id}</code>: users get or lose points, and publishers are notified. You
          can correct a mistake with more rows, or by changing a conversion's status.
        </Confirm>
      )}
    </>
  );
}

function Report({ report, onImport }: { readonly report: ImportReport; readonly onImport: () => void }) {
  const { counts, dry_run: isDry } = report;
  return (
    <Section
      title={isDry ? 'Dry run' : 'Imported'}
      about={isDry ? 'Nothing is stored yet.' : 'Points and notifications will follow.'}
      actions={
        isDry && (
          <button type="button" class="primary" onClick={onImport}>
            Import {rowsText(report)}
          </button>
        )
      }
    >
      <Advice counts={counts} isDry={isDry} />
      <ImportRows report={report} />
      {!isDry && (
        <p class="help">
          See its rows in the <a href={to(['received'], { partner_id: report.partner_id })}>received postbacks</a>.
        </p>
      )}
    </Section>
  );
}

/** Says what to do about rows that are not simply accepted. */
function Advice({ counts, isDry }: { readonly counts: ImportReport['counts']; readonly isDry: boolean }) {
  const { error = 0, held = 0, skipped = 0 } = counts;
  return (
    <>
      {error > 0 && (
        <Note tone="bad">
          {error === 1 ? '1 row' : `${error} rows`} {isDry ? 'would be' : error === 1 ? 'was' : 'were'} rejected. Correct the file and{' '}
          {isDry ? 'try' : 'import'} it again; the other rows don't count twice.
        </Note>
      )}
      {held > 0 && (
        <Note tone="warn">
          {held === 1 ? '1 row' : `${held} rows`} {isDry ? 'would be held' : 'are held'} until someone decides
          {isDry ? (
            '.'
          ) : (
            <>
              : see <a href={to(['conversions'], { status: 'held' })}>what is held</a>.
            </>
          )}
        </Note>
      )}
      {skipped > 0 && (
        <Note tone="warn">
          We ran out of time for {skipped === 1 ? '1 row' : `${skipped} rows`}: {isDry ? 'try' : 'import'} the file again, or in parts.
        </Note>
      )}
      {error + held + skipped === 0 && <Note tone="good">Every row {isDry ? 'can be' : 'was'} accepted.</Note>}
    </>
  );
}

function rowsText({ rows }: ImportReport): string {
  return rows.length === 1 ? '1 row' : `${rows.length} rows`;
}
