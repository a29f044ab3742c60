import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { path } from '../../core/api.ts';
import { documentIn, documentOf, type NetworkDocument } from '../../core/network-document.ts';
import { navigate, to } from '../../core/routing.ts';
import { useSession } from '../../core/session.tsx';
import type { Network } from '../../core/types.ts';
import { useAction } from '../../core/use-action.ts';
import { useLoad } from '../../core/use-load.ts';
import { ErrorNote, Id, jsonText, Loading, Note, Page, Section, Verbatim } from '../../parts/basics.tsx';
import { DeleteSection } from '../../parts/delete-section.tsx';
import { FieldControl } from '../../parts/form.tsx';
import { useToast } from '../../parts/toasts.tsx';
import { NetworkCheck } from './network-check.tsx';
import { networkFields, networkText, withNetworkText } from './network-fields.ts';

const blank: NetworkDocument = { network_id: '', title: '', names: { click_id: ['click_id'] } };

/** A new network, which begins empty or as a copy of another. */
export function NewNetworkPage({ from }: { readonly from: string | undefined }) {
  if (from === undefined) return <Editor title="New network" document={blank} isNew />;
  return <Loaded id={from} draw={(network) => <Editor title={`Copy of ${network.title}`} document={copyOf(network)} isNew />} />;
}

/** A network. A built-in one can be read and copied; one of our own can be changed. */
export function NetworkDetailPage({ id }: { readonly id: string }) {
  const { role } = useSession();
  return (
    <Loaded
      id={id}
      draw={(network) =>
        network.built_in || role !== 'admin' ? (
          <Shown network={network} />
        ) : (
          <Editor title={network.title} document={documentIn(network)} isNew={false} />
        )
      }
    />
  );
}

interface LoadedProps {
  readonly id: string;
  readonly draw: (network: Network) => ComponentChildren;
}

function Loaded({ id, draw }: LoadedProps) {
  const { value, error, reload } = useLoad<{ network: Network }>(path`/networks/${id}`);
  if (value) return <>{draw(value.network)}</>;
  return (
    <Page title="Network" up={up}>
      {error ? <ErrorNote error={error} onRetry={reload} /> : <Loading what="the network" />}
    </Page>
  );
}

const up = { href: to(['networks']), name: 'Networks' };

function copyOf(network: Network): NetworkDocument {
  return { ...documentIn(network), network_id: `${network.network_id}-copy`, title: `${network.title} (copy)` };
}

function Shown({ network }: { readonly network: Network }) {
  const { role } = useSession();
  return (
    <Page
      title={network.title}
      up={up}
      about={<Id of={network.network_id} />}
      actions={
        role === 'admin' && (
          <a class="button" href={to(['networks', '+'], { from: network.network_id })}>
            Copy
          </a>
        )
      }
    >
      {network.built_in && <Note tone="calm">Built in: it can be copied, not changed.</Note>}
      {network.open.length > 0 && (
        <Note tone="warn">
          Its signature does not cover {network.open.join(', ')}: anyone who has one signed URL could change that. Let its partners enforce
          the network's IP addresses.
        </Note>
      )}
      <Section title="Document">
        <Verbatim label="Document" text={jsonText(documentIn(network))} />
      </Section>
      <NetworkCheck document={() => documentIn(network)} />
    </Page>
  );
}

interface EditorProps {
  readonly title: string;
  readonly document: NetworkDocument;
  readonly isNew: boolean;
}

/** One document in two views: a form for its most used parts, and all of it as JSON. */
function Editor({ title, document, isNew }: EditorProps) {
  const { api } = useSession();
  const say = useToast();
  const [text, setText] = useState(jsonText(document));
  const id = String(document['network_id'] ?? '');
  const save = useAction(async () => {
    const { network_id, ...body } = documentOf(text);
    if (isNew) {
      const { network } = await api.post<{ network: Network }>('/networks', { network_id, ...body });
      navigate(to(['networks', network.network_id]));
    } else await api.put(path`/networks/${id}`, body);
    say('Saved. Takes effect within a minute.');
  });
  return (
    <Page title={title} up={up} {...(!isNew && { about: <Id of={id} /> })}>
      <Section title="Document" about="The fields and the JSON below show the same document. Use the JSON for anything that has no field.">
        <form
          class="form wide"
          aria-label="Network"
          onSubmit={(event) => {
            event.preventDefault();
            void save.run();
          }}
        >
          <Fields text={text} isNew={isNew} onChange={setText} />
          <FieldControl field={{ name: 'json', label: 'JSON', kind: 'lines' }} value={text} onChange={setText} />
          {save.error && <ErrorNote error={save.error} />}
          <div class="actions">
            <button type="submit" class="primary" disabled={save.running}>
              {save.running ? 'Working…' : isNew ? 'Create network' : 'Save'}
            </button>
          </div>
        </form>
      </Section>
      <NetworkCheck document={() => documentOf(text)} />
      {!isNew && (
        <DeleteSection
          what="network"
          about="Possible only while no partner uses it."
          onDelete={async () => {
            await api.remove(path`/networks/${id}`);
            say('Network deleted.');
            navigate(to(['networks']));
          }}
        >
          {title} leaves the lists. This cannot be undone.
        </DeleteSection>
      )}
    </Page>
  );
}

interface FieldsProps {
  readonly text: string;
  readonly isNew: boolean;
  readonly onChange: (text: string) => void;
}

function Fields({ text, isNew, onChange }: FieldsProps) {
  // While a field holds text that is no value yet, such as a word without its meaning, the document stays unchanged.
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const document = readable(text);
  if (document === undefined)
    return <Note tone="warn">The JSON cannot be read, so the fields are not shown. Saving says what is wrong.</Note>;
  const idField = {
    field: { name: 'network_id', label: 'Id', required: true, placeholder: 'my-wall', help: "Can't be changed later." },
    path: ['network_id'],
  };
  return (
    <div class="columns">
      {[...(isNew ? [idField] : []), ...networkFields].map((part) => {
        const { name } = part.field;
        const stored = networkText(document, part);
        if (stored === undefined) return null;
        return (
          <FieldControl
            key={name}
            field={part.field}
            value={typed[name] ?? stored}
            onChange={(value) => {
              try {
                onChange(jsonText(withNetworkText(document, part, value)));
              } catch {
                // The text is not finished yet.
              }
              setTyped({ [name]: value });
            }}
          />
        );
      })}
    </div>
  );
}

function readable(text: string): NetworkDocument | undefined {
  try {
    return documentOf(text);
  } catch {
    return undefined;
  }
}
