import { useId, useMemo, useState } from 'preact/hooks';
import { mostImportedRows } from '../../../../domain/file-limits.ts';
import { standardParameters } from '../../../../domain/postback/postback.ts';
import { groupedText } from '../../core/amounts.ts';
import { meaningOf } from '../../core/explanations.ts';
import { to } from '../../core/routing.ts';
import type { ImportReport, ImportRow } from '../../core/types.ts';
import { Absent, Badge, Id, Text } from '../../parts/basics.tsx';
import { type Column, Table } from '../../parts/data-table.tsx';

const example = 'click_id,status,payout,transaction_id,reason\nCLK-…,approved,5.00,TX-1,\nCLK-…,reversed,1.50,TX-2,reconciled';

interface SourceProps {
  readonly text: string;
  /** The most rows that one file may have. @default 1000 */
  readonly most?: number;
  readonly onChange: (text: string) => void;
}

/** Reads a file into a text field, where it can be checked and corrected. */
export function ImportSource({ text, most = mostImportedRows, onChange }: SourceProps) {
  const [file, csv, help] = [useId(), useId(), useId()];
  const [broken, setBroken] = useState(false);
  const change = (read: string) => {
    // A replacement character stands where bytes were not UTF-8.
    setBroken(read.includes('\uFFFD'));
    onChange(read);
  };
  return (
    <>
      <div class="field">
        <label for={file}>CSV file</label>
        <input
          id={file}
          type="file"
          accept=".csv,text/csv"
          onChange={({ currentTarget: { files } }) => void files?.[0]?.text().then(change)}
        />
      </div>
      <div class="field">
        <label for={csv}>Or paste its text</label>
        <textarea
          id={csv}
          rows={7}
          value={text}
          placeholder={example}
          aria-describedby={help}
          spellcheck={false}
          onInput={(event) => change(event.currentTarget.value)}
        />
        <p id={help} class="help">
          A header line with the column names, then at most {groupedText(String(most))} rows.
        </p>
      </div>
      {broken && (
        <p class="note warn" role="status">
          The file is not UTF-8, so some characters can't be read. Save it as “CSV UTF-8” and choose it again.
        </p>
      )}
    </>
  );
}

/** The names that columns may have, from the list that the import itself uses. */
export function ImportColumns() {
  return (
    <details class="more">
      <summary>Columns</summary>
      <p class="muted">
        Use our parameter names, in any order; empty cells are ignored. Only <code>click_id</code> is required. The partner's status words,
        currency and defaults apply; other columns are kept as custom data.
      </p>
      <p class="names">
        {standardParameters.map((name) => (
          <code key={name}>{name} </code>
        ))}
      </p>
    </details>
  );
}

const shown = { all: 'all rows', look: 'rows that need attention' } as const;

const columns: readonly Column<ImportRow>[] = [
  { title: 'Row', align: 'end', cell: ({ row }) => row },
  { title: 'Result', cell: ({ result }) => <Badge status={result} /> },
  {
    title: 'Why',
    cell: ({ code, message }) =>
      code === null && message === null ? (
        <Absent />
      ) : (
        <span class="wide">
          {code && <code>{code}</code>} <Text of={message ?? meaningOf(code ?? '')} />
        </span>
      ),
  },
  { title: 'Click', cell: ({ click_id }) => <Id of={click_id} /> },
  { title: 'Postback', cell: ({ log_id }) => (log_id === null ? <Absent /> : <Id of={log_id} href={to(['received', log_id])} />) },
];
const keyOf = ({ row }: ImportRow) => String(row);

/** Rows that are drawn together. */
const rowsPerPart = 50;

/** How many rows had which result, and each row. */
export function ImportRows({ report: { counts, rows } }: { readonly report: ImportReport }) {
  const [show, setShow] = useState<keyof typeof shown>('all');
  const pages = useMemo(() => {
    const wanted = rows.filter(({ result }) => show === 'all' || result === 'error' || result === 'held' || result === 'skipped');
    return Array.from({ length: Math.ceil(wanted.length / rowsPerPart) }, (_, part) =>
      wanted.slice(part * rowsPerPart, (part + 1) * rowsPerPart),
    );
  }, [rows, show]);
  return (
    <>
      <div class="card-head">
        <ul class="counts" aria-label="Rows by result">
          {Object.entries(counts).flatMap(([result, count]) =>
            count === 0
              ? []
              : [
                  <li key={result}>
                    <strong class="amount">{count}</strong> <Badge status={result} />
                  </li>,
                ],
          )}
        </ul>
        <label class="filter inline">
          <span>Show</span>
          <select value={show} onChange={(event) => setShow(event.currentTarget.value === 'look' ? 'look' : 'all')}>
            {Object.entries(shown).map(([value, text]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </select>
        </label>
      </div>
      {pages.length === 0 ? (
        <p class="muted">No row needs attention.</p>
      ) : (
        <Table label="rows of the file" columns={columns} keyOf={keyOf} pages={pages} />
      )}
    </>
  );
}
