import { useState } from 'preact/hooks';
import { navigate, to } from '../../core/routing.ts';
import { useSession } from '../../core/session.tsx';
import type { Publisher } from '../../core/types.ts';
import { useList } from '../../core/use-list.ts';
import { Badge, Empty, Id, Page, Text, Time } from '../../parts/basics.tsx';
import { type Column, ListTable } from '../../parts/data-table.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { DownloadCsv } from '../../parts/download.tsx';
import { Form } from '../../parts/form.tsx';
import { newPublisherFields } from './publisher-fields.ts';
import { SecretShown, Warnings } from './secret-shown.tsx';

const columns: readonly Column<Publisher>[] = [
  {
    title: 'Name',
    cell: ({ publisher_id, name }) => (
      <a href={to(['publishers', publisher_id])}>
        <Text of={name} />
      </a>
    ),
  },
  { title: 'Id', cell: ({ publisher_id }) => <Id of={publisher_id} /> },
  { title: 'Endpoint', cell: ({ endpoint, postback_url }) => (postback_url === null ? 'no URL' : <Badge status={endpoint.state} />) },
  { title: 'Failures in a row', align: 'end', cell: ({ endpoint }) => endpoint.consecutive_failures },
  { title: 'Created', cell: ({ created_at }) => <Time at={created_at} /> },
];
const keyOf = ({ publisher_id }: Publisher) => publisher_id;

interface Created {
  readonly publisher: Publisher;
  readonly secret: string;
  readonly warnings: readonly string[];
}

export function PublishersPage() {
  const { api, role } = useSession();
  const list = useList<Publisher>('/publishers', 'publishers');
  const [creating, setCreating] = useState(false);
  const [created, setCreated] = useState<Created | undefined>();
  return (
    <Page
      title="Publishers"
      about="Publishers show offers; we notify them when users earn points."
      actions={
        <>
          <DownloadCsv path="/publishers" name="publishers" />
          {role === 'admin' && (
            <button type="button" class="primary" onClick={() => setCreating(true)}>
              New publisher
            </button>
          )}
        </>
      }
    >
      <ListTable
        label="publishers"
        list={list}
        columns={columns}
        keyOf={keyOf}
        empty={<Empty title="No publishers yet.">Create one, then a placement where it shows offers.</Empty>}
      />
      {creating && (
        <Dialog title="New publisher" onClose={() => setCreating(false)}>
          <Form
            label="New publisher"
            fields={newPublisherFields}
            initial={{ postback_method: 'GET' }}
            submit="Create publisher"
            onSubmit={async (body) => {
              setCreated(await api.post<Created>('/publishers', body));
              setCreating(false);
              list.reload();
            }}
          />
        </Dialog>
      )}
      {created && (
        <Dialog title="Publisher created" onClose={() => navigate(to(['publishers', created.publisher.publisher_id]))}>
          <Warnings of={created.warnings} />
          <SecretShown secret={created.secret} />
        </Dialog>
      )}
    </Page>
  );
}
