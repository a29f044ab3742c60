import { Note, Text } from '../../parts/basics.tsx';
import { Copyable } from '../../parts/copy.tsx';
import { Dialog } from '../../parts/dialog.tsx';

interface SecretShownProps {
  readonly secret: string;
  /** @default 'the publisher' */
  readonly reader?: string;
}

/** Shows a signing secret, which is possible only once. */
export function SecretShown({ secret, reader = 'the publisher' }: SecretShownProps) {
  return (
    <>
      <Note tone="warn">
        <p>Give this signing secret to {reader} now. It will not be shown again.</p>
      </Note>
      <Copyable label="signing secret" text={secret} />
      <p class="help">With it {reader} can verify that a notification comes from us (Standard Webhooks).</p>
    </>
  );
}

/** Shows the secret that has just replaced another. */
export function NewSecret({ secret, onClose }: { readonly secret: string; readonly onClose: () => void }) {
  return (
    <Dialog title="New signing secret" onClose={onClose}>
      <SecretShown secret={secret} />
      <p class="help">Deliveries are signed with both this secret and the previous one until you rotate it again.</p>
    </Dialog>
  );
}

/** Warnings about settings that were saved but may not be meant. */
export function Warnings({ of: warnings }: { readonly of: readonly string[] }) {
  if (warnings.length === 0) return null;
  return (
    <Note tone="warn">
      <ul class="plain-list">
        {warnings.map((warning) => (
          <li key={warning}>
            <Text of={warning} />
          </li>
        ))}
      </ul>
    </Note>
  );
}
