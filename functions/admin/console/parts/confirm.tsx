import type { ComponentChildren } from 'preact';
import { useAction } from '../core/use-action.ts';
import { ErrorNote } from './basics.tsx';
import { Dialog } from './dialog.tsx';

interface ConfirmProps {
  readonly title: string;
  /** The button's verb. */
  readonly action: string;
  /** Red unless the action loses nothing. */
  readonly tone?: 'danger' | 'primary';
  /** The text of the button that cancels. */
  readonly keep?: string;
  readonly onConfirm: () => Promise<void>;
  readonly onClose: () => void;
  /** The consequence of the action. */
  readonly children: ComponentChildren;
}

/** Asks before an action that cannot simply be undone. */
export function Confirm({ title, action, tone = 'danger', keep = 'Keep it', onConfirm, onClose, children }: ConfirmProps) {
  const { run, running, error } = useAction(onConfirm);
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{children}</p>
      {error && <ErrorNote error={error} />}
      <div class="actions">
        <button type="button" onClick={onClose}>
          {keep}
        </button>
        <button type="button" class={tone} onClick={() => void run()} disabled={running}>
          {running ? 'Working…' : action}
        </button>
      </div>
    </Dialog>
  );
}
