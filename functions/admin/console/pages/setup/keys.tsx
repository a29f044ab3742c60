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
import { readWhole } from '../../parts/field-text.ts';
import { type Field, Form } from '../../parts/form.tsx';
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

const fields: readonly Field[] = [
  {
    name: 'label',
    label: 'Label',
    placeholder: 'production',
    help: 'A label that is in use is rotated: the new key replaces the old one. Every postback sent with a staging key is a test.',
  },
  {
    name: 'grace_seconds',
    label: 'Keep the old key working for',
    kind: 'select',
    options: [
      { value: '0', text: 'not at all' },
      { value: '3600', text: 'an hour' },
      { value: '86400', text: 'a day' },
      { value: '604800', text: 'a week' },
    ],
    read: readWhole,
  },
];

/** A partner's keys: create, rotate, revoke. A key is shown once. */
export function Keys({ partner, onIssued }: { readonly partner: Partner; readonly onIssued: (key: string) => void }) {
  const { api, role } = useSession();
  const say = useToast();
  const id = partner.partner_id;
  const list = useList<Key>(path`/partners/${id}/keys`, 'keys');
  const [dialog, setDialog] = useState<
    { kind: 'create' } | { kind: 'issued'; issued: IssuedKey } | { kind: 'revoke'; key: Key } | undefined
  >();
  const isAdmin = role === 'admin';
  const shown = useMemo((): readonly Column<Key>[] => {
    if (!isAdmin) return columns;
    return [
      ...columns,
      {
        title: 'Actions',
        cell: (key) =>
          key.status === 'active' ? (
            <button
              type="button"
              class="small danger"
              onClick={() => setDialog({ kind: 'revoke', key })}
              aria-label={`Revoke the key ${key.prefix}…`}
            >
              Revoke
            </button>
          ) : null,
      },
    ];
  }, [isAdmin]);
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
        <Dialog title="New key" onClose={() => setDialog(undefined)}>
          <Form
            label="New key"
            fields={fields}
            initial={{ label: 'production', grace_seconds: '0' }}
            submit="Create key"
            onSubmit={async (body) => {
              const issued = await api.post<IssuedKey>('/postback-receiver/generate-key', { partner_id: id, ...body });
              onIssued(issued.unique_key);
              setDialog({ kind: 'issued', issued });
              list.reload();
            }}
          />
        </Dialog>
      )}
      {dialog?.kind === 'issued' && (
        <Dialog title="The new key" onClose={() => setDialog(undefined)}>
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
          onClose={() => setDialog(undefined)}
          onConfirm={async () => {
            await api.remove(path`/partners/${id}/keys/${dialog.key.key_id}`);
            say('Revoked. It stops working within a minute.');
            setDialog(undefined);
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
