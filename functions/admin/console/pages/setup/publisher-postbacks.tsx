import { useState } from 'preact/hooks';
import { path } from '../../core/api.ts';
import { useSession } from '../../core/session.tsx';
import type { Postback, TestAttempt } from '../../core/types.ts';
import { useAction } from '../../core/use-action.ts';
import { AnswerCode, Badge, Code, ErrorNote, Section, Text } from '../../parts/basics.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { type Column, Table } from '../../parts/data-table.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Form } from '../../parts/form.tsx';
import { useToast } from '../../parts/toasts.tsx';
import { keptOf, newPostbackTexts, postbackFields, postbackTexts, sentOf } from './postback-fields.ts';
import { Warnings } from './secret-shown.tsx';
import { usePausing } from './use-endpoint.ts';

interface PublisherPostbacksProps {
  readonly publisherId: string;
  readonly postbacks: readonly Postback[];
  readonly onChange: () => void;
}

/** The postbacks in addition to the plain URL; each one whose conditions match is sent. */
export function PublisherPostbacks({ publisherId, postbacks, onChange }: PublisherPostbacksProps) {
  const { api, role } = useSession();
  const say = useToast();
  const mayChange = role !== 'viewer';
  const [dialog, setDialog] = useState<{ kind: 'edit'; postback?: Postback } | { kind: 'remove'; postback: Postback } | undefined>();
  const [warnings, setWarnings] = useState<readonly string[]>([]);
  const [attempt, setAttempt] = useState<TestAttempt | undefined>();
  const test = useAction(async (postbackId: string) => {
    setAttempt(undefined);
    const body = { postback_id: postbackId };
    setAttempt((await api.post<{ attempt: TestAttempt }>(path`/publishers/${publisherId}/test-delivery`, body)).attempt);
  });
  const pausing = usePausing(publisherId, onChange);
  const failure = test.error ?? pausing.error;
  const save = async (all: readonly object[], said: string): Promise<void> => {
    const saved = await api.patch<{ warnings: readonly string[] }>(path`/publishers/${publisherId}`, { postbacks: all });
    setWarnings(saved.warnings);
    setDialog(undefined);
    say(said);
    onChange();
  };
  const columns: readonly Column<Postback>[] = [
    { title: 'Postback', cell: ({ postback_id, method, url }) => <Code of={`${postback_id}: ${method} ${url}`} /> },
    { title: 'Only for', cell: (postback) => <Text of={conditionsText(postback)} /> },
    { title: 'State', cell: ({ endpoint, status }) => <Badge status={status === 'inactive' ? status : endpoint.state} /> },
    {
      title: 'Actions',
      cell: (postback) =>
        mayChange && (
          <>
            <button type="button" class="small" disabled={test.running} onClick={() => void test.run(postback.postback_id)}>
              Test
            </button>{' '}
            {role === 'admin' && (
              <>
                <button
                  type="button"
                  class="small"
                  disabled={pausing.running}
                  onClick={() => void pausing.run(postback.endpoint, postback.postback_id)}
                >
                  {postback.endpoint.state === 'active' ? 'Pause' : 'Resume'}
                </button>{' '}
              </>
            )}
            <button type="button" class="small" onClick={() => setDialog({ kind: 'edit', postback })}>
              Change
            </button>{' '}
            <button type="button" class="small danger" onClick={() => setDialog({ kind: 'remove', postback })}>
              Remove
            </button>
          </>
        ),
    },
  ];
  return (
    <Section
      title="Other postbacks"
      about="We call every postback that matches, and the plain URL only if none does."
      actions={
        mayChange && (
          <button type="button" onClick={() => setDialog({ kind: 'edit' })}>
            Add a postback
          </button>
        )
      }
    >
      <Warnings of={warnings} />
      {postbacks.length > 0 && (
        <Table label="other postbacks" columns={columns} keyOf={({ postback_id }) => postback_id} pages={[postbacks]} />
      )}
      {postbacks.length === 0 && <p class="muted">No other postbacks.</p>}
      {failure && <ErrorNote error={failure} />}
      {attempt && <AttemptNote attempt={attempt} />}
      {dialog?.kind === 'edit' && (
        <Dialog title={dialog.postback === undefined ? 'Add a postback' : 'Change the postback'} onClose={() => setDialog(undefined)}>
          <Form
            label="Postback"
            fields={postbackFields}
            initial={dialog.postback === undefined ? newPostbackTexts : postbackTexts(dialog.postback)}
            change
            submit="Save"
            onSubmit={(form) => {
              const changed = dialog.postback;
              const one = sentOf(form, changed);
              const all =
                changed === undefined
                  ? [...postbacks.map(keptOf), one]
                  : postbacks.map((other) => (other === changed ? one : keptOf(other)));
              return save(all, 'Saved. Takes effect within a minute.');
            }}
          />
        </Dialog>
      )}
      {dialog?.kind === 'remove' && (
        <Confirm
          title="Remove this postback?"
          action="Remove"
          onClose={() => setDialog(undefined)}
          onConfirm={() => save(postbacks.filter((other) => other !== dialog.postback).map(keptOf), 'Removed.')}
        >
          Pending deliveries for it will end as <code>no_url</code>.
        </Confirm>
      )}
    </Section>
  );
}

/** What a test delivery sent, and how the publisher answered. */
export function AttemptNote({ attempt }: { readonly attempt: TestAttempt }) {
  return (
    <div class={`note ${attempt.delivered ? 'good' : 'bad'}`} role="status" aria-label="Result of the test delivery">
      <p>
        <AnswerCode of={attempt.code} /> {attempt.delivered ? 'Delivered' : 'Not delivered'} after {attempt.duration_ms} ms.
      </p>
      <p>
        Sent: <Code of={`${attempt.method} ${attempt.url}`} />
      </p>
      {attempt.body !== null && (
        <p>
          Body: <Code of={attempt.body} />
        </p>
      )}
      {attempt.answer !== '' && (
        <p>
          Answer: <Code of={attempt.answer} />
        </p>
      )}
    </div>
  );
}

function conditionsText({ offer_ids, events, statuses, placement_ids, when }: Postback): string | null {
  const parts = [offer_ids, events, statuses, placement_ids].flatMap((wanted) =>
    wanted === null || wanted.length === 0 ? [] : [wanted.join(', ')],
  );
  if (when !== null) parts.push('a condition');
  return parts.length === 0 ? null : parts.join(' · ');
}
