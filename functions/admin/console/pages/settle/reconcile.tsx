import { useState } from 'preact/hooks';
import { mostComparedRows } from '../../../../domain/file-limits.ts';
import { dayOf, monthBefore, withTimes } from '../../core/ranges.ts';
import { saveCsv } from '../../core/save-csv.ts';
import { useSession } from '../../core/session.tsx';
import { useAction } from '../../core/use-action.ts';
import { Empty, ErrorNote, Note, Page, Section } from '../../parts/basics.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { dayFilters } from '../../parts/filters.tsx';
import { FieldControl } from '../../parts/form.tsx';
import { ImportColumns, ImportSource } from './import-parts.tsx';
import { Differences, type Reconciliation, Totals } from './reconcile-parts.tsx';

/** Compares a partner's own file with our records: which payments differ, and why. */
export function ReconcilePage({ query }: { readonly query: Readonly<Record<string, string>> }) {
  const { role } = useSession();
  return (
    <Page
      title="Compare a file"
      about="A partner's own report against our records: what only one side has, what has another amount or status, and why. Comparing stores nothing."
    >
      {role === 'admin' ? (
        <Reconcile partnerId={query['partner_id'] ?? ''} />
      ) : (
        <Empty title="Viewers can't compare files.">Ask someone with an admin token.</Empty>
      )}
    </Page>
  );
}

/** The first and the last day of a month. */
function monthOf(month: string): { readonly from: string; readonly to: string } {
  const [year, number] = month.split('-').map(Number);
  return { from: `${month}-01`, to: dayOf(new Date(year ?? 0, number ?? 0, 0)) };
}

function Reconcile({ partnerId }: { readonly partnerId: string }) {
  const { api } = useSession();
  const [values, setValues] = useState<Readonly<Record<string, string>>>({ partner_id: partnerId, ...monthOf(monthBefore(1)) });
  const [csv, setCsv] = useState('');
  const [found, setFound] = useState<Reconciliation | undefined>();
  const [asking, setAsking] = useState(false);
  const body = { ...withTimes(values), partner_id: values['partner_id']?.trim(), csv };
  const compare = useAction(async () => {
    setFound(undefined);
    setFound(await api.post<Reconciliation>('/reconciliations', body));
  });
  const save = useAction(async () => saveCsv(`reconciliation-${values['partner_id']}`, await api.postForCsv('/reconciliations', body)));
  /** After a change, the result no longer matches the form. */
  const change = (changed: Readonly<Record<string, string>>) => {
    setValues((before) => ({ ...before, ...changed }));
    setFound(undefined);
  };
  return (
    <>
      <Section title="File">
        <form
          class="form"
          aria-label="Compare"
          onSubmit={(event) => {
            event.preventDefault();
            void compare.run();
          }}
        >
          <FieldControl
            field={{ name: 'partner_id', label: 'Partner', idOf: 'partner', required: true, help: 'Id of the partner that sent the file.' }}
            value={values['partner_id'] ?? ''}
            onChange={(partner_id) => change({ partner_id })}
          />
          <div class="columns">
            {dayFilters.map(({ name, label }) => (
              <FieldControl
                key={name}
                field={{
                  name,
                  label,
                  kind: 'date',
                  required: true,
                  help:
                    label === 'From'
                      ? "The file's first day. We also show what we have in this period and the file lacks."
                      : "The file's last day, included.",
                }}
                value={values[name] ?? ''}
                onChange={(value) => change({ [name]: value })}
              />
            ))}
          </div>
          <div class="ranges">
            {(['This month', 'Last month'] as const).map((name, index) => (
              <button key={name} type="button" class="small" onClick={() => change(monthOf(monthBefore(index)))}>
                {name}
              </button>
            ))}
          </div>
          <ImportSource
            text={csv}
            most={mostComparedRows}
            onChange={(text) => {
              setCsv(text);
              setFound(undefined);
            }}
          />
          <ImportColumns />
          {compare.error && <ErrorNote error={compare.error} />}
          <div class="actions">
            <button type="submit" class={found === undefined ? 'primary' : ''} disabled={compare.running || csv.trim() === ''}>
              {compare.running ? 'Comparing…' : 'Compare'}
            </button>
          </div>
        </form>
      </Section>
      {found && (
        <>
          <Totals totals={found.totals} />
          <Section
            title="Differences"
            actions={
              <>
                <button type="button" onClick={() => void save.run()} disabled={save.running}>
                  Download CSV
                </button>
                {found.importable.length > 0 && found.imported === null && (
                  <button type="button" class="primary" onClick={() => setAsking(true)}>
                    Import {found.importable.length} rows
                  </button>
                )}
              </>
            }
          >
            {save.error && <ErrorNote error={save.error} />}
            {found.imported && <Note tone="good">{found.imported.length} rows were imported. Compare again to see what is left.</Note>}
            <Differences found={found} />
          </Section>
        </>
      )}
      {asking && found && (
        <Confirm
          title="Import these rows?"
          action={`Import ${found.importable.length} rows`}
          tone="primary"
          keep="Not now"
          onClose={() => setAsking(false)}
          onConfirm={async () => {
            setFound(await api.post<Reconciliation>('/reconciliations', { ...body, import: true }));
            setAsking(false);
          }}
        >
          These are the rows that we don't have and would accept. We record each as a postback of <code>{values['partner_id']}</code>: users
          get or lose points, and publishers are notified.
        </Confirm>
      )}
    </>
  );
}
