import { useEffect, useRef, useState } from 'preact/hooks';
import { isAborted, type Query } from '../core/api.ts';
import { mostRows, wholeCsv } from '../core/csv.ts';
import { withTimes } from '../core/ranges.ts';
import { saveCsv } from '../core/save-csv.ts';
import { useSession } from '../core/session.tsx';
import { useAction } from '../core/use-action.ts';
import { ErrorNote } from './basics.tsx';
import { Dialog } from './dialog.tsx';
import { useToast } from './toasts.tsx';

interface DownloadProps {
  /** Path of the list in the API. */
  readonly path: string;
  /** Name of the file, to which the day is added. */
  readonly name: string;
  /** The current filters of the page. */
  readonly query?: Query;
  /** False: the API answers with everything at once, and reads days in the time zone that is sent with the request. */
  readonly paged?: boolean;
}

/**
 * Saves the whole list with the current filters as a CSV file, however many pages it has; meanwhile the button cancels it. A plain link
 * could not do this, because it would not send the token, which the tab keeps.
 */
export function DownloadCsv({ path, name, query = {}, paged = true }: DownloadProps) {
  const { api } = useSession();
  const say = useToast();
  const aborter = useRef<AbortController | undefined>(undefined);
  const [rows, setRows] = useState(0);
  const [failed, setFailed] = useState(false);
  const { run, running, error } = useAction(async () => {
    const stopper = new AbortController();
    aborter.current = stopper;
    setRows(0);
    try {
      const { text, cut } = await wholeCsv({
        api,
        path,
        query: paged ? withTimes(query) : query,
        paged,
        signal: stopper.signal,
        onProgress: setRows,
      });
      saveCsv(name, text);
      say(cut ? `The newest ${mostRows} rows are saved. There are more: narrow the filters, for instance by time.` : 'The file is saved.');
    } catch (failure) {
      if (isAborted(failure)) return;
      setFailed(true);
      throw failure;
    }
  });
  useEffect(() => () => aborter.current?.abort(), []);
  return (
    <>
      <button type="button" onClick={() => (running ? aborter.current?.abort() : void run())}>
        {running ? stopText(rows) : 'Download CSV'}
      </button>
      {failed && error && (
        <Dialog title="Download CSV" onClose={() => setFailed(false)}>
          <ErrorNote
            error={error}
            onRetry={() => {
              setFailed(false);
              void run();
            }}
          />
        </Dialog>
      )}
    </>
  );
}

function stopText(rows: number): string {
  return rows === 0 ? 'Stop' : `Stop at ${rows} rows`;
}
