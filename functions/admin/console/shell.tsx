import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { withoutKeys } from './core/quoted-ids.ts';
import { navigate, to } from './core/routing.ts';
import type { Session } from './core/session.tsx';
import { applyTheme, readTheme, type Theme } from './core/theme.ts';
import { useKeys } from './core/use-keys.ts';

const groups = [
  {
    name: 'Today',
    pages: [
      ['overview', 'Overview'],
      ['work', 'To do'],
      ['performance', 'Performance'],
    ],
  },
  {
    name: 'Activity',
    pages: [
      ['received', 'Received postbacks'],
      ['conversions', 'Conversions'],
      ['deliveries', 'Deliveries'],
    ],
  },
  {
    name: 'Settle up',
    pages: [
      ['statements', 'Statements'],
      ['reconcile', 'Compare a file'],
      ['import', 'Import'],
    ],
  },
  {
    name: 'Setup',
    pages: [
      ['partners', 'Partners'],
      ['offers', 'Offers'],
      ['publishers', 'Publishers'],
      ['placements', 'Placements'],
      ['networks', 'Networks'],
      ['rules', 'Rules'],
      ['alerts', 'Alerts'],
    ],
  },
  {
    name: 'Operations',
    pages: [
      ['queues', 'Queues'],
      ['audit', 'Audit'],
      ['tokens', 'Tokens'],
    ],
  },
] as const;

/** Pages on which a viewer would see nothing. */
const forAdmins: ReadonlySet<string> = new Set(['import', 'reconcile', 'tokens']);
/** Pages for those who see only their own things. */
const ofBound: Readonly<Record<'publisher' | 'partner', ReadonlySet<string>>> = {
  publisher: new Set(['overview', 'deliveries', 'placements', 'statements']),
  partner: new Set(['overview', 'received']),
};

function isShown(role: Session['role'], page: string): boolean {
  if (role === 'publisher' || role === 'partner') return ofBound[role].has(page);
  return role === 'admin' || !forAdmins.has(page);
}

interface ShellProps {
  readonly role: Session['role'];
  /** First part of the page's URL. */
  readonly current: string;
  readonly onSignOut: () => void;
  readonly children: ComponentChildren;
}

/** What surrounds every page: the menu, the search and the keyboard shortcuts. */
export function Shell({ role, current, onSignOut, children }: ShellProps) {
  const main = useRef<HTMLElement>(null);
  const [open, setOpen] = useState(false);
  useKeys(focusSearch);
  useEffect(() => {
    const arrive = () => setOpen(false);
    addEventListener('hashchange', arrive);
    return () => removeEventListener('hashchange', arrive);
  }, []);
  return (
    <div class="shell">
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <header class="side">
        <div class="side-inner">
          <div class="brand">
            <a href={to(['overview'])}>Postback console</a>
            <button type="button" class="menu-button" aria-expanded={open} aria-controls="menu" onClick={() => setOpen(!open)}>
              Menu
            </button>
          </div>
          {(role === 'admin' || role === 'viewer') && <GoTo />}
          <div id="menu" class={open ? 'menu open' : 'menu'}>
            <nav aria-label="Pages">
              {groups
                .filter(({ pages }) => pages.some(([page]) => isShown(role, page)))
                .map(({ name, pages }) => (
                  <div key={name} class="nav-group">
                    <p class="nav-title">{name}</p>
                    <ul>
                      {pages
                        .filter(([page]) => isShown(role, page))
                        .map(([page, title]) => (
                          <li key={page}>
                            <a href={to([page])} aria-current={page === current ? 'page' : undefined}>
                              {title}
                            </a>
                          </li>
                        ))}
                    </ul>
                  </div>
                ))}
            </nav>
            <footer class="side-foot">
              <ThemeChoice />
              <p class="muted">
                Signed in as {role}
                {role === 'viewer' && ' (read-only)'}
              </p>
              <button type="button" class="small" onClick={onSignOut}>
                Sign out
              </button>
            </footer>
          </div>
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

/** One search field for whatever somebody quotes: an id of any kind, a name, or a text that contains one. */
function GoTo() {
  const [text, setText] = useState('');
  return (
    <form
      role="search"
      aria-label="Find"
      class="go-to"
      onSubmit={(event) => {
        event.preventDefault();
        const wanted = withoutKeys(text).trim();
        if (wanted !== '') navigate(to(['find'], { q: wanted }));
        setText('');
        // Moves the focus to the answer; another `/` begins another search.
        document.getElementById('main')?.focus();
      }}
    >
      <input
        type="search"
        aria-label="Find anything by an id or a name"
        title="Click, transaction, user, conversion, delivery (webhook-id), log, partner, publisher or offer"
        aria-keyshortcuts="/"
        placeholder="Find anything   /"
        data-search
        value={text}
        autoComplete="off"
        spellcheck={false}
        onInput={(event) => setText(event.currentTarget.value)}
      />
    </form>
  );
}

/** `/` moves the focus to the search, unless one is typing. */
function focusSearch(event: KeyboardEvent): void {
  if (event.key !== '/') return;
  const field = [...document.querySelectorAll<HTMLInputElement>('[data-search]')].find((element) => element.offsetParent !== null);
  if (field === undefined) return;
  event.preventDefault();
  field.focus();
}

const themes: readonly (readonly [Theme, string])[] = [
  ['system', 'System'],
  ['light', 'Light'],
  ['dark', 'Dark'],
];

function ThemeChoice() {
  const [theme, setTheme] = useState(readTheme);
  return (
    <label class="filter">
      <span>Appearance</span>
      <select
        value={theme}
        onChange={(event) => {
          const chosen = themes.find(([value]) => value === event.currentTarget.value)?.[0] ?? 'system';
          applyTheme(chosen);
          setTheme(chosen);
        }}
      >
        {themes.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
