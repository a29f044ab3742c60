import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { groupedText } from '../core/amounts.ts';
import type { BulkOutcome } from '../core/bulk.ts';
import { meaningOf } from '../core/explanations.ts';
import { useAction } from '../core/use-action.ts';
import { ErrorNote, Loading, Note } from './basics.tsx';
import { Dialog } from './dialog.tsx';
import type { Field } from './field.ts';
import { Form } from './form.tsx';

interface BulkProps {
  readonly title: string;
  /** The button's verb. */
  readonly action: string;
  readonly about: ComponentChildren;
  readonly fields?: readonly Field[];
  readonly initial?: Readonly<Record<string, string>>;
  readonly run: (dryRun: boolean, body: Readonly<Record<string, unknown>>) => Promise<BulkOutcome>;
  readonly onClose: () => void;
}

/** Counts first and acts then: nothing changes until a person has seen how many items it affects. */
export function BulkDialog({ title, action, about, fields = [], initial = {}, run, onClose }: BulkProps) {
  const [tried, setTried] = useState<BulkOutcome | undefined>();
  const [made, setMade] = useState<BulkOutcome | undefined>();
  const trying = useAction(async () => setTried(await run(true, initial)));
  // The dry run starts when the dialog opens.
  useEffect(() => void trying.run(), []);
  return (
    <Dialog title={title} onClose={onClose}>
      <p class="muted">{about}</p>
      {trying.running && <Loading what="the dry run" />}
      {trying.error && <ErrorNote error={trying.error} onRetry={() => void trying.run()} />}
      {tried && !made && (
        <>
          <Note tone="calm">
            <p>
              <strong>{countText(tried)}</strong> {tried.matched === 1 ? 'matches' : 'match'}. Nothing has been changed yet.
            </p>
          </Note>
          {tried.matched > 0 && (
            <Form
              label={title}
              fields={fields}
              initial={initial}
              submit={`${action} ${countText(tried)}`}
              onSubmit={async (body) => setMade(await run(false, body))}
            />
          )}
        </>
      )}
      {made && (
        <>
          <Note tone={made.done === made.matched ? 'good' : 'warn'}>
            <p>
              {groupedText(String(made.done))} of {groupedText(String(made.matched))} done.
            </p>
            <CodesDone codes={made.codes} />
            {made.more && <p>There are more: do it again for the rest.</p>}
          </Note>
          <div class="actions">
            <button type="button" class="primary" onClick={onClose}>
              Close
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}

/** The reasons why some were not changed, with their counts. */
function CodesDone({ codes }: { readonly codes: readonly string[] }) {
  const groups = [...Map.groupBy(codes, (code) => code)];
  if (groups.length === 0) return null;
  return (
    <ul class="plain-list">
      {groups.map(([code, { length }]) => (
        <li key={code}>
          {length}: <code>{code}</code> {meaningOf(code)}
        </li>
      ))}
    </ul>
  );
}

function countText({ matched, more }: BulkOutcome): string {
  return `${groupedText(String(matched))}${more ? ' or more' : ''}`;
}
