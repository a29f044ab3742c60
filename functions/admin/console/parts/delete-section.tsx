import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Section } from './basics.tsx';
import { Confirm } from './confirm.tsx';

interface DeleteProps {
  /** What it is: `partner`. */
  readonly what: string;
  /** In a sentence, what else there is to do with it. */
  readonly about: string;
  readonly onDelete: () => Promise<void>;
  /** What it leads to, as the question says it. */
  readonly children: ComponentChildren;
}

/** The last part of a page about something: its end. */
export function DeleteSection({ what, about, onDelete, children }: DeleteProps) {
  const [asking, setAsking] = useState(false);
  return (
    <Section
      title={`Delete this ${what}`}
      about={about}
      actions={
        <button type="button" class="danger" onClick={() => setAsking(true)}>
          Delete {what}
        </button>
      }
    >
      {asking && (
        <Confirm title={`Delete this ${what}?`} action="Delete" onConfirm={onDelete} onClose={() => setAsking(false)}>
          {children}
        </Confirm>
      )}
    </Section>
  );
}
