import { Note, Text } from '../parts/basics.tsx';
import { Copyable } from '../parts/copy.tsx';

/** A publisher's signing secret, which is shown once. */
export function SecretShown({ secret }: { readonly secret: string }) {
  return (
    <>
      <Note tone="warn">
        <p>Give this signing secret to the publisher now. It will not be shown again.</p>
      </Note>
      <Copyable label="signing secret" text={secret} />
      <p class="help">The publisher uses it to verify that a notification comes from us (Standard Webhooks).</p>
    </>
  );
}

/** What was saved and may not be meant. */
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
