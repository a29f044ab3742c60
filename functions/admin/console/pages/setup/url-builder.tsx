import { useMemo, useState } from 'preact/hooks';
import { type StandardParameter, standardParameters } from '../../../../domain/postback/postback.ts';
import { path } from '../../core/api.ts';
import { meaningOf } from '../../core/explanations.ts';
import { namesFor, postbackUrl } from '../../core/postback-url.ts';
import { useSession } from '../../core/session.tsx';
import type { Network, Partner, TestResult } from '../../core/types.ts';
import { useAction } from '../../core/use-action.ts';
import { useLoad } from '../../core/use-load.ts';
import { Amount, Badge, Code, ErrorNote, Facts, Loading, Money, Section, Text } from '../../parts/basics.tsx';
import { Copyable } from '../../parts/copy.tsx';
import { readList } from '../../parts/field-text.ts';
import { FieldControl } from '../../parts/form.tsx';
import { Name } from '../../parts/name.tsx';

const usual: ReadonlySet<StandardParameter> = new Set(['click_id', 'status', 'payout', 'transaction_id']);
const keyPlaceholder = 'YOUR-KEY';
/** The values that a test sends unless a person types others. */
const samples: Readonly<Partial<Record<StandardParameter, string>>> = { click_id: 'TEST-CLICK', payout: '5.00', transaction_id: 'TX-1' };

/** Builds a partner's postback URL, and tests it in the real pipeline without storing anything. */
export function UrlBuilder({ partner, issuedKey }: { readonly partner: Partner; readonly issuedKey: string }) {
  const { preset } = partner;
  return preset === null ? (
    <Builder partner={partner} issuedKey={issuedKey} network={undefined} />
  ) : (
    <BuilderOfNetwork partner={partner} issuedKey={issuedKey} preset={preset} />
  );
}

interface BuilderProps {
  readonly partner: Partner;
  readonly issuedKey: string;
  readonly network: Network | undefined;
}

function BuilderOfNetwork({ preset, ...props }: Omit<BuilderProps, 'network'> & { readonly preset: string }) {
  const { value, error, reload } = useLoad<{ network: Network }>(path`/networks/${preset}`);
  if (error) return <ErrorNote error={error} onRetry={reload} />;
  return value ? <Builder {...props} network={value.network} /> : <Loading what="the network" />;
}

function Builder({ partner, issuedKey, network }: BuilderProps) {
  const { api } = useSession();
  const names = useMemo(() => namesFor(partner, network), [partner, network]);
  const [chosen, setChosen] = useState<ReadonlySet<StandardParameter>>(usual);
  const [values, setValues] = useState<Readonly<Record<string, string>>>(samples);
  const [typedKey, setKey] = useState('');
  const [custom, setCustom] = useState('');
  const [event, setEvent] = useState('');
  const [result, setResult] = useState<TestResult | undefined>();
  const key = typedKey.trim() || issuedKey || keyPlaceholder;
  const customNames = readList(custom);
  const ours = standardParameters.filter((name) => chosen.has(name));
  const parameters = [...ours.map((name) => names.get(name) ?? name), ...customNames].map((name) => ({ name, macro: `{${name}}` }));
  const url = postbackUrl({ origin: partner.public_base_url ?? location.origin, key, event: event.trim(), parameters });
  const test = useAction(async () => {
    const params = Object.fromEntries(
      ours.flatMap((name) => ((values[name] ?? '') === '' ? [] : [[names.get(name) ?? name, values[name]]])),
    );
    setResult(undefined);
    setResult(
      await api.post<TestResult>('/postback-receiver/test', {
        partner_id: partner.partner_id,
        params,
        ...(event.trim() !== '' && { event: event.trim() }),
      }),
    );
  });
  const toggle = (name: StandardParameter) =>
    setChosen((before) => new Set(before.has(name) ? [...before].filter((other) => other !== name) : [...before, name]));
  return (
    <Section
      title="Postback URL"
      about="Paste this URL into the partner's settings. If no network is chosen, replace the braces with the partner's own macros."
    >
      {network === undefined ? (
        <Copyable label="postback URL to paste" text={url} />
      ) : (
        <NetworkUrls network={network} base={`${partner.public_base_url ?? location.origin}/postback/${key}`} />
      )}
      {key === keyPlaceholder && (
        <p class="help">Create a key above, or paste one below, to see the whole URL. Keys are shown only once.</p>
      )}
      <fieldset class="chips">
        <legend>{partner.preset === null ? 'Parameters' : 'Parameters of the test'}</legend>
        {standardParameters.map((name) => (
          <label key={name}>
            <input type="checkbox" checked={chosen.has(name)} onChange={() => toggle(name)} />
            {name}
            {names.get(name) !== name && <span class="muted"> as {names.get(name)}</span>}
          </label>
        ))}
      </fieldset>
      <div class="columns">
        <FieldControl
          field={{ name: 'key', label: 'Key', placeholder: issuedKey === '' ? 'paste one that you have' : 'the new key is filled in' }}
          value={typedKey}
          onChange={setKey}
        />
        <FieldControl
          field={{ name: 'event', label: 'Event in the path', placeholder: 'none (complete)' }}
          value={event}
          onChange={setEvent}
        />
        <FieldControl
          field={{ name: 'custom', label: 'Custom parameters', placeholder: 'survey_name, panel' }}
          value={custom}
          onChange={setCustom}
        />
      </div>
      <h3>Try it</h3>
      <p class="muted">Shows what this postback would do. Nothing is stored and nobody is paid.</p>
      <form
        class="form"
        aria-label="Try the postback"
        onSubmit={(submitted) => {
          submitted.preventDefault();
          void test.run();
        }}
      >
        <div class="columns">
          {ours.map((name) => (
            <FieldControl
              key={name}
              field={{ name: `sample-${name}`, label: names.get(name) ?? name, ...(name === 'status' && { placeholder: 'approved' }) }}
              value={values[name] ?? ''}
              onChange={(value) => setValues((before) => ({ ...before, [name]: value }))}
            />
          ))}
        </div>
        {test.error && <ErrorNote error={test.error} />}
        <div class="actions">
          <button type="submit" disabled={test.running}>
            {test.running ? 'Trying…' : 'Test'}
          </button>
        </div>
      </form>
      {result && <TestOutcome result={result} />}
    </Section>
  );
}

/** What to paste into the partner's network, with the network's macros. Some networks want two URLs, one of them for reversals. */
function NetworkUrls({ network: { paste = [''], wall }, base }: { readonly network: Network; readonly base: string }) {
  return (
    <>
      {paste.map((template, index) => (
        <Copyable
          key={template}
          label={index === 0 ? 'postback URL to paste' : `postback URL ${index + 1} to paste`}
          text={`${base}${template}`}
        />
      ))}
      {wall !== undefined && (
        <p class="help">
          Our click id goes here: <Code of={wall} />
        </p>
      )}
    </>
  );
}

function TestOutcome({ result }: { readonly result: TestResult }) {
  const { conversion } = result;
  const meaning = result.message ?? (result.code === null ? undefined : meaningOf(result.code));
  return (
    <div class={`note ${result.success ? 'good' : 'bad'}`} role="status" aria-label="Result of the test">
      <p>
        <Badge status={result.result} /> It would be answered {result.http_status}. {result.code && <code>{result.code}</code>}{' '}
        {meaning && <Text of={meaning} />}
      </p>
      {result.warnings.map((warning) => (
        <p key={warning}>
          <Text of={warning} />
        </p>
      ))}
      {conversion && (
        <Facts
          of={[
            ['Would become', <Badge status={conversion.status} />],
            ['From partner', <Money of={conversion.payout} currency={conversion.currency} />],
            ['To publisher', <Money of={conversion.downward_payout} currency={conversion.downward_currency} />],
            ['To user', <Amount of={conversion.points} unit="points" />],
            ['User', <Text of={conversion.user_id} />],
            ['Publisher', <Name of="publisher" id={conversion.publisher_id} />],
            ['Offer', <Name of="offer" id={conversion.offer_id} />],
          ]}
        />
      )}
      {result.forwards.map(({ method, url, body }) => (
        <p key={url}>
          Then we would call <Code of={`${method} ${url}`} /> {body && <Code of={body} />}
        </p>
      ))}
    </div>
  );
}
