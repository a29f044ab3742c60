import { useCallback } from 'preact/hooks';
import { path } from '../../core/api.ts';
import { textOfBase64 } from '../../core/decode.ts';
import { meaningOf } from '../../core/explanations.ts';
import { to } from '../../core/routing.ts';
import { useSession } from '../../core/session.tsx';
import { elapsedText } from '../../core/times.ts';
import type { Conversion, Delivery, Log } from '../../core/types.ts';
import { useAction } from '../../core/use-action.ts';
import { useLoad } from '../../core/use-load.ts';
import {
  Amount,
  Badge,
  ErrorNote,
  Facts,
  Id,
  jsonText,
  Loading,
  Money,
  Note,
  Page,
  Section,
  Text,
  Time,
  toneOf,
  Verbatim,
} from '../../parts/basics.tsx';
import { ClickLink, Name } from '../../parts/name.tsx';
import { useToast } from '../../parts/toasts.tsx';
import { AttemptsTable } from './attempts.tsx';

/** One request, from the bytes in which it arrived to what its publisher was notified of. */
export function ReceivedDetailPage({ id }: { readonly id: string }) {
  const { value, error, reload } = useLoad<{ log: Log }>(path`/received-postbacks/${id}`);
  return (
    <Page title="Received postback" up={{ href: to(['received']), name: 'Received postbacks' }} about={<Id of={id} />}>
      {error && <ErrorNote error={error} onRetry={reload} />}
      {!value && !error && <Loading what="the postback" />}
      {value && (
        <ol class="timeline" aria-label="Timeline">
          <Request log={value.log} />
          <Understood log={value.log} />
          <Outcome log={value.log} onChange={reload} />
          {value.log.conversion_id !== null && <Settled log={value.log} conversionId={value.log.conversion_id} />}
        </ol>
      )}
    </Page>
  );
}

function Request({ log: { raw, received_at, key_id } }: { readonly log: Log }) {
  const headers = Object.entries(raw.headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');
  const line = `${raw.method} ${raw.path}${raw.query === '' ? '' : `?${raw.query}`}`;
  return (
    <li class="calm">
      <Section title="Request" about={<Time at={received_at} />}>
        <Verbatim label="Request line" text={line} />
        <Facts
          of={[
            ['IP address', <Text of={raw.source_address} />],
            ['Host', <Text of={raw.origin} />],
            ['Key', <Id of={key_id} />],
          ]}
        />
        {raw.body !== null && raw.body !== '' && (
          <Verbatim label="Body" text={raw.body_encoding === 'base64' ? textOfBase64(raw.body) : raw.body} />
        )}
        <details class="more">
          <summary>Headers</summary>
          <Verbatim label="Headers" text={headers} />
        </details>
      </Section>
    </li>
  );
}

function Understood({ log }: { readonly log: Log }) {
  const custom = Object.keys(log.custom_data).length;
  return (
    <li class="calm">
      <Section title="Parsed as">
        <Facts
          of={[
            ['Partner', <Name of="partner" id={log.partner_id} />],
            ['Click', <ClickLink id={log.click_id} />],
            ['Status', <Text of={log.status} />],
            ['Event', <Text of={log.event} />],
            ['Payout', <Money of={log.payout} currency={log.currency} />],
            ['Transaction', <Text of={log.transaction_id} />],
            ['Offer', <Name of="offer" id={log.offer_id} />],
          ]}
        />
        {custom > 0 && (
          <details class="more" open>
            <summary>Custom data ({custom})</summary>
            <Verbatim label="Custom data" text={jsonText(log.custom_data)} />
          </details>
        )}
      </Section>
    </li>
  );
}

function Outcome({ log, onChange }: { readonly log: Log; readonly onChange: () => void }) {
  const { api, role } = useSession();
  const say = useToast();
  const { log_id: id } = log;
  const { run, running, error } = useAction(
    useCallback(async () => {
      const { result } = await api.post<{ result: string }>(path`/received-postbacks/${id}/reprocess`);
      say(`Reprocessed: ${result}`);
      onChange();
    }, [api, id, say, onChange]),
  );
  const again = (log.result === 'error' || log.result === 'held') && role === 'admin';
  const meaning = log.message ?? (log.code === null ? undefined : meaningOf(log.code));
  return (
    <li class={toneOf(log.result)}>
      <Section
        title="Result"
        actions={
          again && (
            <button type="button" onClick={() => void run()} disabled={running}>
              {running ? 'Working…' : 'Reprocess'}
            </button>
          )
        }
      >
        <p>
          <Badge status={log.result} /> {log.code && <code>{log.code}</code>} {meaning && <Text of={meaning} />}
        </p>
        {log.flags.length > 0 && (
          <ul class="plain-list">
            {log.flags.map((flag) => (
              <li key={flag}>
                <span class="badge warn">{flag.replaceAll('_', ' ')}</span> {meaningOf(flag)}
              </li>
            ))}
          </ul>
        )}
        {log.cure && <p class="help">Advice shown to the partner: {log.cure}</p>}
        {again && <p class="help">Fix the cause first, such as a missing click or a wrong partner setting, then reprocess.</p>}
        {error && <ErrorNote error={error} />}
        {log.earlier.length > 0 && (
          <details class="more" open>
            <summary>Earlier outcomes ({log.earlier.length})</summary>
            <ul class="plain-list">
              {log.earlier.map(({ at, by, result, code, message }) => (
                <li key={at}>
                  <Badge status={result} /> {code && <code>{code}</code>} <Text of={message} />, until <Time at={at} /> by <Text of={by} />
                </li>
              ))}
            </ul>
          </details>
        )}
      </Section>
    </li>
  );
}

function Settled({ log, conversionId }: { readonly log: Log; readonly conversionId: string }) {
  const { value, error, reload } = useLoad<{ conversion: Conversion }>(path`/conversions/${conversionId}`);
  if (error)
    return (
      <li class="bad">
        <ErrorNote error={error} onRetry={reload} />
      </li>
    );
  if (!value)
    return (
      <li class="calm">
        <Loading what="the conversion" />
      </li>
    );
  const { conversion } = value;
  const step = conversion.steps.find(({ log_id }) => log_id === log.log_id);
  const entry = conversion.ledger_entries.find(({ log_id }) => log_id === log.log_id);
  const delivery = conversion.deliveries.find(({ log_id }) => log_id === log.log_id);
  const link = <Id of={conversion.conversion_id} href={to(['conversions', conversion.conversion_id])} />;
  if (conversion.status === 'held')
    return (
      <li class="warn">
        <Section title="Needs review">
          <p>Nobody is paid until someone changes its status or reprocesses it: {link}</p>
        </Section>
      </li>
    );
  if (step === undefined)
    return (
      <li class={toneOf(conversion.status)}>
        <Section title="Conversion">
          <p>
            {link} <Badge status={conversion.status} />. This postback did not change it.
          </p>
        </Section>
      </li>
    );
  return (
    <>
      <li class={step.settled_at === null ? 'warn' : 'good'}>
        <Section
          title={step.settled_at === null ? 'Waiting to be settled' : 'Settled'}
          about={<Later from={log.received_at} at={step.settled_at} />}
        >
          <Facts
            of={[
              ['Conversion', link],
              ['Changed to', <Badge status={step.status} />],
              ['Publisher gets', <Money of={step.downward_payout} currency={conversion.downward_currency} />],
              ['User gets', <Amount of={step.points} unit="points" />],
              ['Balance after', <Amount of={entry?.balance ?? null} unit="points" />],
            ]}
          />
          {step.settled_at === null && <Note tone="warn">Settlement usually takes a moment. Reload to check again.</Note>}
        </Section>
      </li>
      {step.settled_at !== null && (
        <li class={delivery === undefined ? 'calm' : toneOf(delivery.status)}>
          <Section title={toldTitle(delivery)} about={delivery && <Later from={log.received_at} at={delivery.delivered_at} />}>
            {delivery === undefined ? (
              <p class="muted">The publisher does not receive this status, or nothing changed for the publisher.</p>
            ) : (
              <>
                <Facts
                  of={[
                    ['Delivery', <Id of={delivery.delivery_id} href={to(['deliveries', delivery.delivery_id])} />],
                    ['Status', <Badge status={delivery.status} />],
                    ['Publisher', <Name of="publisher" id={delivery.publisher_id} />],
                  ]}
                />
                <AttemptsTable attempts={delivery.attempts} />
              </>
            )}
          </Section>
        </li>
      )}
    </>
  );
}

function toldTitle(delivery: Delivery | undefined): string {
  if (delivery === undefined) return 'No notification';
  return delivery.delivered_at === null ? 'Not delivered yet' : 'Delivered';
}

/** A time, and how long after the request it was. */
function Later({ from, at }: { readonly from: string; readonly at: string | null }) {
  if (at === null) return null;
  const elapsed = elapsedText(from, at);
  return (
    <>
      <Time at={at} />
      {elapsed !== undefined && `, ${elapsed} after the request`}
    </>
  );
}
