import type { ComponentChildren } from 'preact';
import { useAction } from '../core/use-action.ts';
import { ErrorNote } from './basics.tsx';
import { Dialog } from './dialog.tsx';

interface ConfirmProps {
  readonly title: string;
  /** What the button does, as a verb. */
  readonly action: string;
  /** Red unless nothing is lost by it. */
  readonly tone?: 'danger' | 'primary';
  /** The way out. */
  readonly keep?: string;
  readonly onConfirm: () => Promise<void>;
  readonly onClose: () => void;
  /** What it leads to. */
  readonly children: ComponentChildren;
}

/** Asks before something that cannot simply be undone. */
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
