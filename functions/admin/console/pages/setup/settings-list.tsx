import type { ComponentChildren } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { path as pathOf } from '../../core/api.ts';
import { useSession } from '../../core/session.tsx';
import type { List } from '../../core/use-list.ts';
import { Page } from '../../parts/basics.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { type Column, ListTable } from '../../parts/data-table.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { DownloadCsv } from '../../parts/download.tsx';
import type { Field } from '../../parts/field.ts';
import { Form } from '../../parts/form.tsx';
import { useToast } from '../../parts/toasts.tsx';

type Texts = Readonly<Record<string, string>>;

interface SettingsListProps<Item, Answer> {
  readonly title: string;
  readonly about: string;
  /** What one of them is called, such as `rule`. */
  readonly what: string;
  /** Path of the list in the API; its name is also that of the CSV file. */
  readonly path: string;
  readonly query?: Texts | undefined;
  readonly list: List<Item>;
  readonly columns: readonly Column<Item>[];
  readonly keyOf: (item: Item) => string;
  readonly empty: ComponentChildren;
  readonly newFields: readonly Field[];
  readonly fields: readonly Field[];
  readonly blank: Texts;
  readonly textsOf: (item: Item) => Texts;
  /**
   * Makes the whole setting as the API expects it. Without this function the fields are sent and, for a change, only those that changed.
   */
  readonly bodyOf?: (form: Readonly<Record<string, unknown>>) => object;
  /** Returns what must be shown after saving, if anything. */
  readonly toShow?: (answer: Answer) => ComponentChildren;
  /** The consequence of deleting one; without this text none can be deleted. */
  readonly deleted?: string;
  /** Filters. */
  readonly children?: ComponentChildren;
}

type Open<Item> =
  | { readonly kind: 'new' }
  | { readonly kind: 'change' | 'delete'; readonly item: Item }
  | { readonly kind: 'saved'; readonly shown: ComponentChildren };

/** Settings without pages of their own: a list, with a dialog to create and change one. */
export function SettingsList<Item extends { readonly name: string }, Answer>(props: SettingsListProps<Item, Answer>) {
  const { title, about, what, path, query = {}, list, columns, keyOf, bodyOf, deleted } = props;
  const { api, role } = useSession();
  const say = useToast();
  const [open, setOpen] = useState<Open<Item> | undefined>();
  const close = () => setOpen(undefined);
  const isAdmin = role === 'admin';
  const canDelete = deleted !== undefined;
  const shown = useMemo(() => (isAdmin ? [...columns, actionsColumn(setOpen, canDelete)] : columns), [isAdmin, columns, canDelete]);
  const at = (item: Item) => path + pathOf`/${keyOf(item)}`;
  const save = async (sending: Promise<Answer>, said: string): Promise<void> => {
    const answer = await sending;
    const content = props.toShow?.(answer);
    say(said);
    setOpen(content ? { kind: 'saved', shown: content } : undefined);
    list.reload();
  };
  return (
    <Page
      title={title}
      about={about}
      actions={
        <>
          <DownloadCsv path={path} name={path.slice(1)} query={query} />
          {isAdmin && (
            <button type="button" class="primary" onClick={() => setOpen({ kind: 'new' })}>
              New {what}
            </button>
          )}
        </>
      }
    >
      {props.children}
      <ListTable label={path.slice(1)} list={list} columns={shown} keyOf={keyOf} empty={props.empty} />
      {open?.kind === 'new' && (
        <Dialog title={`New ${what}`} onClose={close}>
          <Form
            label={`New ${what}`}
            fields={props.newFields}
            initial={props.blank}
            submit={`Create ${what}`}
            onSubmit={(form) => save(api.post(path, bodyOf?.(form) ?? form), `The ${what} is created.`)}
          />
        </Dialog>
      )}
      {open?.kind === 'change' && (
        <Dialog title={`Change this ${what}`} onClose={close}>
          <Form
            label={`Change this ${what}`}
            fields={props.fields}
            initial={props.textsOf(open.item)}
            change={bodyOf === undefined}
            submit="Save"
            onSubmit={(form) => save(api.patch(at(open.item), bodyOf?.(form) ?? form), 'Saved. Takes effect within a minute.')}
          />
        </Dialog>
      )}
      {open?.kind === 'delete' && (
        <Confirm
          title={`Delete ${open.item.name}?`}
          action="Delete"
          onClose={close}
          onConfirm={async () => {
            await api.remove(at(open.item));
            say(`The ${what} is deleted.`);
            close();
            list.reload();
          }}
        >
          {deleted}
        </Confirm>
      )}
      {open?.kind === 'saved' && (
        <Dialog title="Saved" onClose={close}>
          {open.shown}
        </Dialog>
      )}
    </Page>
  );
}

function actionsColumn<Item extends { readonly name: string }>(open: (dialog: Open<Item>) => void, canDelete: boolean): Column<Item> {
  return {
    title: 'Actions',
    cell: (item) => (
      <span class="actions">
        <button type="button" class="small" onClick={() => open({ kind: 'change', item })} aria-label={`Edit ${item.name}`}>
          Edit
        </button>
        {canDelete && (
          <button type="button" class="small danger" onClick={() => open({ kind: 'delete', item })} aria-label={`Delete ${item.name}`}>
            Delete
          </button>
        )}
      </span>
    ),
  };
}
