import { useMemo, useState } from 'preact/hooks';
import { path } from '../../core/api.ts';
import { useSession } from '../../core/session.tsx';
import type { IssuedKey, Key, Partner } from '../../core/types.ts';
import { useList } from '../../core/use-list.ts';
import { Badge, Empty, Note, Section, Time } from '../../parts/basics.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { Copyable } from '../../parts/copy.tsx';
import { type Column, ListTable } from '../../parts/data-table.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import type { Field } from '../../parts/field.ts';
import { readWhole } from '../../parts/field-text.ts';
import { Form } from '../../parts/form.tsx';
import { useToast } from '../../parts/toasts.tsx';

const columns: readonly Column<Key>[] = [
  { title: 'Begins with', cell: ({ prefix }) => <code>{prefix}…</code> },
  { title: 'Label', cell: ({ label }) => label },
  { title: 'Status', cell: ({ status }) => <Badge status={status} /> },
  { title: 'Created', cell: ({ created_at }) => <Time at={created_at} /> },
  { title: 'Last used', cell: ({ last_used_at }) => <Time at={last_used_at} /> },
  { title: 'Expires', cell: ({ expires_at }) => <Time at={expires_at} /> },
];
const keyOf = ({ key_id }: Key) => key_id;

/** A key that is live and not being replaced: a new key with the same label would end it. */
const isLive = ({ status, expires_at }: Key) => status === 'active' && expires_at === null;

const grace: Field = {
  name: 'grace_seconds',
  label: 'Keep the old key working for',
  kind: 'select',
  options: [
    { value: '3600', text: 'an hour' },
    { value: '86400', text: 'a day' },
    { value: '604800', text: 'a week' },
    { value: '0', text: 'not at all: it stops now' },
  ],
  help: 'Long enough for the partner to change its postback URL. Networks stop sending at the first 404.',
  read: readWhole,
};

type Open =
  | { readonly kind: 'create' }
  | { readonly kind: 'rotate'; readonly key: Key }
  | { readonly kind: 'issued'; readonly issued: IssuedKey }
  | { readonly kind: 'revoke'; readonly key: Key };

/** A partner's keys: create, rotate, revoke. A key is shown only once, and none that is in use ends unless a person says so. */
export function Keys({ partner, onIssued }: { readonly partner: Partner; readonly onIssued: (key: string) => void }) {
  const { api, role } = useSession();
  const say = useToast();
  const id = partner.partner_id;
  const list = useList<Key>(path`/partners/${id}/keys`, 'keys');
  const [dialog, setDialog] = useState<Open | undefined>();
  const close = () => setDialog(undefined);
  const isAdmin = role === 'admin';
  const live = list.pages.flat().filter(isLive);
  const issue = async (body: Readonly<Record<string, unknown>>): Promise<void> => {
    const issued = await api.post<IssuedKey>('/postback-receiver/generate-key', { partner_id: id, ...body });
    onIssued(issued.unique_key);
    setDialog({ kind: 'issued', issued });
    list.reload();
  };
  const shown = useMemo(() => (isAdmin ? [...columns, actionsColumn(setDialog)] : columns), [isAdmin]);
  return (
    <Section
      title="Keys"
      about="A key is the secret part of a partner's postback URL."
      actions={
        isAdmin && (
          <button type="button" class="primary" onClick={() => setDialog({ kind: 'create' })}>
            New key
          </button>
        )
      }
    >
      <ListTable
        label="keys"
        list={list}
        columns={shown}
        keyOf={keyOf}
        empty={<Empty title="No key yet.">The partner can't send postbacks without a key.</Empty>}
      />
      {dialog?.kind === 'create' && (
        <Dialog title="New key" onClose={close}>
          <NewKey live={live} onIssue={issue} />
        </Dialog>
      )}
      {dialog?.kind === 'rotate' && (
        <Dialog title="Rotate this key" onClose={close}>
          <p>
            A new key with the label <strong>{dialog.key.label}</strong> replaces{' '}
            {live
              .filter(({ label }) => label === dialog.key.label)
              .map(({ key_id, prefix, last_used_at }) => (
                <span key={key_id}>
                  <code>{prefix}…</code>,{' '}
                  {last_used_at === null ? (
                    'which has never been used'
                  ) : (
                    <>
                      last used <Time at={last_used_at} />
                    </>
                  )}
                </span>
              ))}
            .
          </p>
          <Form
            label="Rotate this key"
            fields={[grace]}
            initial={{ grace_seconds: '86400' }}
            submit="Rotate key"
            onSubmit={(body) => issue({ ...body, label: dialog.key.label })}
          />
        </Dialog>
      )}
      {dialog?.kind === 'issued' && (
        <Dialog title="The new key" onClose={close}>
          <Note tone="warn">
            <p>Copy it now. It will not be shown again.</p>
          </Note>
          <p class="label">Key</p>
          <Copyable label="key" text={dialog.issued.unique_key} />
          <p class="label">Postback URL</p>
          <Copyable label="postback URL" text={dialog.issued.postback_url} />
        </Dialog>
      )}
      {dialog?.kind === 'revoke' && (
        <Confirm
          title="Revoke this key?"
          action="Revoke"
          onClose={close}
          onConfirm={async () => {
            await api.remove(path`/partners/${id}/keys/${dialog.key.key_id}`);
            say('Revoked. It stops working within a minute.');
            close();
            list.reload();
          }}
        >
          Postbacks with the key <code>{dialog.key.prefix}…</code> ({dialog.key.label}) are answered 404 and pay nothing from then on. This
          cannot be undone.
        </Confirm>
      )}
    </Section>
  );
}

function actionsColumn(open: (dialog: Open) => void): Column<Key> {
  return {
    title: 'Actions',
    cell: (key) =>
      key.status === 'active' && (
        <span class="actions">
          {isLive(key) && (
            <button type="button" class="small" onClick={() => open({ kind: 'rotate', key })} aria-label={`Rotate the key ${key.prefix}…`}>
              Rotate
            </button>
          )}
          <button
            type="button"
            class="small danger"
            onClick={() => open({ kind: 'revoke', key })}
            aria-label={`Revoke the key ${key.prefix}…`}
          >
            Revoke
          </button>
        </span>
      ),
  };
}

interface NewKeyProps {
  readonly live: readonly Key[];
  readonly onIssue: (body: Readonly<Record<string, unknown>>) => Promise<void>;
}

/** Creates another key beside the existing ones. A label that is in use is refused, because the new key would end the old one. */
function NewKey({ live, onIssue }: NewKeyProps) {
  const used = live.map(({ label }) => label);
  const free = ['production', 'staging', 'backup'].find((label) => !used.includes(label)) ?? '';
  const label: Field = {
    name: 'label',
    label: 'Label',
    required: true,
    help: `${used.length === 0 ? '' : `In use: ${used.join(', ')}. To replace one of these, rotate it. `}Every postback sent with a staging key is a test.`,
    read: (text) => {
      const wanted = text.toLowerCase();
      if (used.includes(wanted))
        throw new Error(`${wanted} is the label of a key that is in use. Rotate that key, or choose another label`);
      return wanted;
    },
  };
  return <Form label="New key" fields={[label]} initial={{ label: free }} submit="Create key" onSubmit={onIssue} />;
}
