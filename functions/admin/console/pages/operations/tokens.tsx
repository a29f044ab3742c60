import { useMemo, useState } from 'preact/hooks';
import { path } from '../../core/api.ts';
import { signInLink, useSession } from '../../core/session.tsx';
import type { Token } from '../../core/types.ts';
import { useList } from '../../core/use-list.ts';
import { Badge, Empty, Note, Page, Text, Time } from '../../parts/basics.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { Copyable } from '../../parts/copy.tsx';
import { type Column, ListTable } from '../../parts/data-table.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { DownloadCsv } from '../../parts/download.tsx';
import type { Field } from '../../parts/field.ts';
import { Form } from '../../parts/form.tsx';
import { useToast } from '../../parts/toasts.tsx';

const columns: readonly Column<Token>[] = [
  { title: 'Issued to', cell: ({ name }) => <Text of={name} /> },
  {
    title: 'Role',
    cell: ({ role, publisher_id, partner_id }) => (
      <Text of={[role, publisher_id ?? partner_id].filter((part) => part !== null).join(' ')} />
    ),
  },
  { title: 'Status', cell: ({ status }) => <Badge status={status} /> },
  { title: 'Created', cell: ({ created_at }) => <Time at={created_at} /> },
  { title: 'Ends', cell: ({ expires_at }) => <Time at={expires_at} /> },
];
const keyOf = ({ token_id }: Token) => token_id;

const fields: readonly Field[] = [
  { name: 'name', label: 'Issued to', required: true, help: 'Shown in the audit log.', placeholder: 'Ada' },
  {
    name: 'role',
    label: 'Role',
    kind: 'select',
    options: [
      { value: 'viewer', text: 'viewer: may look' },
      { value: 'admin', text: 'admin: may look and change' },
      { value: 'publisher', text: 'publisher: sees and changes what is its own' },
      { value: 'partner', text: 'partner: sees what is its own' },
    ],
  },
  { name: 'publisher_id', label: 'Publisher', idOf: 'publisher', help: 'For the role publisher.' },
  { name: 'partner_id', label: 'Partner', idOf: 'partner', help: 'For the role partner.' },
  {
    name: 'link',
    label: 'As a link',
    kind: 'select',
    options: [
      { value: '', text: 'no: show the token' },
      { value: 'hour', text: 'yes: a link that signs in, for an hour' },
    ],
  },
];

export function TokensPage() {
  const { api, role } = useSession();
  const say = useToast();
  const list = useList<Token>('/tokens', 'tokens');
  const [dialog, setDialog] = useState<
    { kind: 'new' } | { kind: 'issued'; token: string; link: boolean } | { kind: 'revoke'; token: Token } | undefined
  >();
  const shown = useMemo(
    (): readonly Column<Token>[] => [
      ...columns,
      {
        title: 'Actions',
        cell: (token) =>
          token.status === 'active' ? (
            <button
              type="button"
              class="small danger"
              onClick={() => setDialog({ kind: 'revoke', token })}
              aria-label={`Revoke the token of ${token.name}`}
            >
              Revoke
            </button>
          ) : null,
      },
    ],
    [],
  );
  return (
    <Page
      title="Tokens"
      about="Tokens for the admin API and this console. The first token comes from the deployment and is not listed."
      actions={
        <>
          <DownloadCsv path="/tokens" name="tokens" />
          {role === 'admin' && (
            <button type="button" class="primary" onClick={() => setDialog({ kind: 'new' })}>
              New token
            </button>
          )}
        </>
      }
    >
      <ListTable
        label="tokens"
        list={list}
        columns={shown}
        keyOf={keyOf}
        empty={<Empty title="No tokens yet.">Issue one for each person or program, so that the audit log can tell them apart.</Empty>}
      />
      {dialog?.kind === 'new' && (
        <Dialog title="New token" onClose={() => setDialog(undefined)}>
          <Form
            label="New token"
            fields={fields}
            initial={{ role: 'viewer' }}
            submit="Issue token"
            onSubmit={async ({ link, ...body }) => {
              const ends = link === 'hour' ? { expires_at: new Date(Date.now() + 3_600_000).toISOString() } : {};
              const { token } = await api.post<{ token: { token: string } }>('/tokens', { ...body, ...ends });
              setDialog({ kind: 'issued', token: token.token, link: link === 'hour' });
              list.reload();
            }}
          />
        </Dialog>
      )}
      {dialog?.kind === 'issued' && (
        <Dialog title="New token" onClose={() => setDialog(undefined)}>
          <Note tone="warn">
            <p>Copy it now. It will not be shown again.</p>
          </Note>
          {dialog.link ? <Copyable label="link" text={signInLink(dialog.token)} /> : <Copyable label="token" text={dialog.token} />}
        </Dialog>
      )}
      {dialog?.kind === 'revoke' && (
        <Confirm
          title="Revoke this token?"
          action="Revoke"
          onClose={() => setDialog(undefined)}
          onConfirm={async () => {
            await api.remove(path`/tokens/${dialog.token.token_id}`);
            say('Revoked. The token no longer works.');
            setDialog(undefined);
            list.reload();
          }}
        >
          Whoever uses the token of <Text of={dialog.token.name} /> is locked out at once. This cannot be undone.
        </Confirm>
      )}
    </Page>
  );
}
