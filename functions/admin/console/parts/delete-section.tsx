import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Section } from './basics.tsx';
import { Confirm } from './confirm.tsx';

interface DeleteProps {
  /** What is deleted, such as `partner`. */
  readonly what: string;
  /** One sentence that says what can be done instead. */
  readonly about: string;
  readonly onDelete: () => Promise<void>;
  /** The consequence, as the confirmation shows it. */
  readonly children: ComponentChildren;
}

/** The last section of a detail page, which deletes the thing that the page is about. */
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
