import type { ComponentChildren } from 'preact';
import { useAction } from '../core/use-action.ts';
import { ErrorNote } from './basics.tsx';
import { Dialog } from './dialog.tsx';

interface ConfirmProps {
  readonly title: string;
  /** What the button does, as a verb. */
  readonly action: string;
  readonly onConfirm: () => Promise<void>;
  readonly onClose: () => void;
  /** What it leads to. */
  readonly children: ComponentChildren;
}

/** Asks before something that cannot be undone. */
export function Confirm({ title, action, onConfirm, onClose, children }: ConfirmProps) {
  const { run, running, error } = useAction(onConfirm);
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{children}</p>
      {error && <ErrorNote error={error} />}
      <div class="actions">
        <button type="button" onClick={onClose}>
          Keep it
        </button>
        <button type="button" class="danger" onClick={() => void run()} disabled={running}>
          {running ? 'Working…' : action}
        </button>
      </div>
    </Dialog>
  );
}
