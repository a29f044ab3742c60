import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { groupedText, isNegative, moneyText } from '../core/amounts.ts';
import type { ApiError } from '../core/api.ts';
import { timeText } from '../core/times.ts';
import { visible } from '../core/visible.ts';
import { CopyButton } from './copy.tsx';

interface PageProps {
  readonly title: string;
  /** One sentence that says what the page is for. */
  readonly about?: ComponentChildren;
  readonly actions?: ComponentChildren;
  /** On detail pages: the page above this one. */
  readonly up?: { readonly href: string; readonly name: string };
  readonly children: ComponentChildren;
}

/** A page. Its title is also the document's title, and the first thing that a screen reader reads. */
export function Page({ title, about, actions, up, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Postback console`;
  }, [title]);
  return (
    <>
      <header class="page-head">
        <div class="page-title">
          {up && (
            <a class="up" href={up.href}>
              ← {up.name}
            </a>
          )}
          <h1>
            <bdi>{visible(title)}</bdi>
          </h1>
          {about && <p class="muted">{about}</p>}
        </div>
        {actions && <div class="actions">{actions}</div>}
      </header>
      {children}
    </>
  );
}

interface SectionProps {
  readonly title: string;
  readonly about?: ComponentChildren;
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Section({ title, about, actions, children }: SectionProps) {
  return (
    <section class="card">
      <header class="card-head">
        <div>
          <h2>{title}</h2>
          {about && <p class="muted">{about}</p>}
        </div>
        {actions && <div class="actions">{actions}</div>}
      </header>
      {children}
    </section>
  );
}

/** An error of the API: the code to look up and the message to read. */
export function ErrorNote({ error, onRetry }: { readonly error: ApiError; readonly onRetry?: (() => void) | undefined }) {
  return (
    <div class="note bad" role="alert">
      <p>
        <code>{error.code}</code> {error.message}
      </p>
      {onRetry && (
        <button type="button" class="small" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}

export function Note({ tone, children }: { readonly tone: Tone; readonly children: ComponentChildren }) {
  return (
    <div class={`note ${tone}`} role="status">
      {children}
    </div>
  );
}

/** Shown when there is nothing to list, with what to do about it. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children && <p class="muted">{children}</p>}
    </div>
  );
}

export function Loading({ what }: { readonly what: string }) {
  return (
    <p class="loading" role="status">
      <span class="spinner" aria-hidden="true" /> Loading {what}…
    </p>
  );
}

export type Tone = 'good' | 'warn' | 'bad' | 'calm';

const tones: Readonly<Record<string, Tone>> = {
  accepted: 'good',
  approved: 'good',
  delivered: 'good',
  active: 'good',
  held: 'warn',
  pending: 'warn',
  failing: 'warn',
  backing_off: 'warn',
  paused: 'warn',
  expired: 'warn',
  error: 'bad',
  dead: 'bad',
  rejected: 'bad',
  reversed: 'bad',
  revoked: 'bad',
};

export function toneOf(status: string): Tone {
  return tones[status] ?? 'calm';
}

/** What an endpoint answered, as a code; only 2xx is a success. */
export function AnswerCode({ of: code }: { readonly of: string | undefined }) {
  if (code === undefined) return <Absent />;
  return <span class={`badge ${/^http_2\d\d$/.test(code) ? 'good' : 'bad'}`}>{code.replaceAll('_', ' ')}</span>;
}

/** Words for statuses whose API name says too little. */
const statusWords: Readonly<Record<string, string>> = { no_url: 'no URL' };

/** A status as a word; its colour only repeats it. */
export function Badge({ status }: { readonly status: string }) {
  return <span class={`badge ${toneOf(status)}`}>{statusWords[status] ?? status.replaceAll('_', ' ')}</span>;
}

export function Time({ at }: { readonly at: string | null }) {
  if (at === null) return <Absent />;
  return (
    <time dateTime={at} title={at}>
      {timeText(at)}
    </time>
  );
}

/** An amount exactly as in the API, with its thousands separated. */
export function Amount({ of: amount, unit }: { readonly of: string | null; readonly unit?: string | undefined }) {
  if (amount === null) return <Absent />;
  return (
    <span class={isNegative(amount) ? 'amount negative' : 'amount'}>
      {groupedText(amount)}
      {unit && <span class="unit"> {unit}</span>}
    </span>
  );
}

/** An amount of money, with the decimals of its currency. */
export function Money({ of: amount, currency }: { readonly of: string | null; readonly currency: string | null }) {
  return <Amount of={amount === null ? null : moneyText(amount, currency ?? undefined)} unit={currency ?? undefined} />;
}

export function Absent() {
  return (
    <span class="absent">
      <span aria-hidden="true">–</span>
      <span class="unseen">none</span>
    </span>
  );
}

/** Text from outside, always shown as text. */
export function Text({ of: text }: { readonly of: string | null | undefined }) {
  if (text === null || text === undefined || text === '') return <Absent />;
  return <bdi>{visible(text)}</bdi>;
}

/** A URL or an answer, in a font in which similar characters look different. */
export function Code({ of: text }: { readonly of: string }) {
  return <code class="wrap">{visible(text)}</code>;
}

/** An id, in a font in which similar characters look different, with a button that copies it. */
export function Id({ of: id, href }: { readonly of: string | null; readonly href?: string | undefined }) {
  if (id === null) return <Absent />;
  return (
    <span class="with-copy">
      {href === undefined ? (
        <code class="id" title={id}>
          {visible(id)}
        </code>
      ) : (
        <a class="id" href={href} title={id}>
          {visible(id)}
        </a>
      )}
      <CopyButton text={id} />
    </span>
  );
}

/** A count, with its thousands separated. */
export function Count({ of: count }: { readonly of: number }) {
  return <span class="amount">{groupedText(String(count))}</span>;
}

interface FactsProps {
  readonly of: readonly (readonly [string, ComponentChildren])[];
  /** Whether more of them fit in a line, for short values. */
  readonly dense?: boolean;
}

/** Names and their values. */
export function Facts({ of: facts, dense = false }: FactsProps) {
  return (
    <dl class={dense ? 'facts dense' : 'facts'}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A text of several lines, such as a body or JSON, shown unchanged. */
export function Verbatim({ label, text }: { readonly label: string; readonly text: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <pre class="verbatim" tabIndex={0} aria-label={label} role="region">
      {visible(text)}
    </pre>
  );
}

export function jsonText(value: unknown): string {
  return JSON.stringify(value, undefined, 2) ?? '';
}
