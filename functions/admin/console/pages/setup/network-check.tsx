import { useState } from 'preact/hooks';
import type { NetworkDocument } from '../../core/network-document.ts';
import { useSession } from '../../core/session.tsx';
import { useAction } from '../../core/use-action.ts';
import { Code, ErrorNote, Facts, Section, Text } from '../../parts/basics.tsx';
import { readMap } from '../../parts/field-text.ts';
import { FieldControl } from '../../parts/form.tsx';

interface Checked {
  readonly verified: boolean | null;
  readonly signed_text: string | null;
  readonly expected: string | null;
  readonly received: string | null;
  readonly understood: Readonly<Record<string, string | boolean | null>> | null;
  readonly unsigned: readonly string[];
  readonly answer: string | null;
  readonly warnings: readonly string[];
}

const fields = [
  {
    name: 'url',
    label: 'URL',
    required: true,
    placeholder: 'https://…/postback/KEY?userID=CLK-1&revenue=1.25&hash=…',
    help: "Paste what the network's support sent you: a whole URL, or only its query.",
  },
  { name: 'secret', label: 'Signing secret', kind: 'password', help: 'Used only for this check, and not stored.' },
  { name: 'body', label: 'Body', kind: 'lines', help: 'If set, the request is a POST.' },
  { name: 'headers', label: 'Headers', kind: 'lines', placeholder: 'X-Signature = …', help: 'One per line: name = value.' },
] as const;

/** Checks a document against a request without storing anything. @param document returns the document as it is now, saved or not. */
export function NetworkCheck({ document }: { readonly document: () => NetworkDocument }) {
  const { api } = useSession();
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const [checked, setChecked] = useState<Checked | undefined>();
  const check = useAction(async () => {
    const { url = '', secret = '', body = '', headers = '' } = values;
    setChecked(undefined);
    setChecked(
      await api.post<Checked>('/networks/check', {
        definition: { network_id: 'new', ...document() },
        ...(secret !== '' && { secret }),
        request: { method: body === '' ? 'GET' : 'POST', url: url.trim(), body, headers: readMap(headers) },
      }),
    );
  });
  return (
    <Section title="Check a request" about="How this network's document reads a request. Nothing is stored and nobody is paid.">
      <form
        class="form"
        aria-label="Check a request"
        onSubmit={(event) => {
          event.preventDefault();
          void check.run();
        }}
      >
        {fields.map((field) => (
          <FieldControl
            key={field.name}
            field={field}
            value={values[field.name] ?? ''}
            onChange={(value) => setValues((before) => ({ ...before, [field.name]: value }))}
          />
        ))}
        {check.error && <ErrorNote error={check.error} />}
        <div class="actions">
          <button type="submit" disabled={check.running}>
            {check.running ? 'Checking…' : 'Check'}
          </button>
        </div>
      </form>
      {checked && <Result checked={checked} />}
    </Section>
  );
}

function verdict({ verified, understood, received }: Checked): readonly [string, string] {
  if (understood === null) return ['bad', 'It would be refused.'];
  if (verified === true) return ['good', 'The signature matches.'];
  if (verified === false)
    return [
      'bad',
      received === null ? 'It carries no signature, so it would be refused.' : 'The signature does not match, so it would be refused.',
    ];
  return ['calm', 'The signature was not checked.'];
}

function Result({ checked }: { readonly checked: Checked }) {
  const [tone, text] = verdict(checked);
  const { signed_text: signed, expected, received, understood, unsigned, answer, warnings } = checked;
  return (
    <div class={`note ${tone}`} role="status" aria-label="Result of the check">
      <p>
        <strong>{text}</strong>
      </p>
      {warnings.map((warning) => (
        <p key={warning}>
          <Text of={warning} />
        </p>
      ))}
      {signed !== null && (
        <>
          <p>
            Text that is signed: <Code of={signed} />
          </p>
          <p>
            Expected <Code of={expected ?? 'a secret to compute it'} />, received <Code of={received ?? 'nothing'} />
          </p>
        </>
      )}
      {understood && (
        <Facts
          dense
          of={Object.entries(understood)
            .filter(([, value]) => value !== null)
            .map(([name, value]) => [name.replaceAll('_', ' '), <Text of={String(value)} />])}
        />
      )}
      {unsigned.length > 0 && <p>Decides, although the signature does not cover it: {unsigned.join(', ')}. Such a postback is held.</p>}
      <p>
        Answered with <Code of={answer ?? 'JSON'} />
      </p>
    </div>
  );
}
