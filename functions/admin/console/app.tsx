import { useCallback, useEffect, useLayoutEffect, useState } from 'preact/hooks';
import { toApiError } from './core/api.ts';
import { keepPlaces } from './core/place.ts';
import { useLocation } from './core/routing.ts';
import {
  answerMilliseconds,
  followSignInLinks,
  openSession,
  type Session,
  SessionContext,
  shareSession,
  tellTabs,
  tokenStore,
} from './core/session.tsx';
import { CurrentPage } from './pages/current-page.tsx';
import { SignInPage } from './pages/sign-in.tsx';
import { ErrorNote, Loading } from './parts/basics.tsx';
import { Toasts } from './parts/toasts.tsx';
import { Shell } from './shell.tsx';

type State =
  | { readonly kind: 'opening' }
  | { readonly kind: 'failed'; readonly error: ReturnType<typeof toApiError> }
  | { readonly kind: 'signed_out'; readonly notice?: string }
  | { readonly kind: 'signed_in'; readonly session: Session };

keepPlaces();
followSignInLinks();

export function App() {
  const [state, setState] = useState<State>({ kind: 'opening' });
  const location = useLocation();
  const expire = useCallback(() => {
    tokenStore.clear();
    setState({ kind: 'signed_out', notice: 'Your token is no longer valid. Sign in again.' });
  }, []);
  const open = useCallback(async () => {
    const token = tokenStore.read();
    if (token === undefined) return;
    try {
      const session = await openSession(token, expire);
      setState({ kind: 'signed_in', session });
    } catch (error) {
      const failure = toApiError(error);
      if (failure.status !== 401) setState({ kind: 'failed', error: failure });
    }
  }, [expire]);
  const leave = useCallback(() => {
    tokenStore.clear();
    setState({ kind: 'signed_out' });
  }, []);
  useEffect(() => shareSession({ onSignedIn: () => void open(), onSignedOut: leave }), [open, leave]);
  useEffect(() => {
    if (tokenStore.read() !== undefined) return void open();
    tellTabs({ kind: 'asked' });
    const unanswered = () => setState((now) => (now.kind === 'opening' && tokenStore.read() === undefined ? { kind: 'signed_out' } : now));
    const waiting = setTimeout(unanswered, answerMilliseconds);
    return () => clearTimeout(waiting);
  }, [open]);
  const signOut = useCallback(() => {
    tellTabs({ kind: 'signed_out', token: tokenStore.read() ?? '' });
    leave();
  }, [leave]);
  // Scrolls after the page is drawn, but before anybody sees it at another position.
  useLayoutEffect(() => scrollTo(0, location.place.scroll), [location.place]);

  switch (state.kind) {
    case 'opening':
      return (
        <main class="sign-in">
          <h1 class="unseen">Postback console</h1>
          <Loading what="the console" />
        </main>
      );
    case 'failed':
      return (
        <main class="sign-in">
          <h1 class="unseen">Postback console</h1>
          <ErrorNote error={state.error} onRetry={() => void open()} />
        </main>
      );
    case 'signed_out':
      return <SignInPage notice={state.notice} signOut={expire} onSignedIn={(session) => setState({ kind: 'signed_in', session })} />;
    case 'signed_in':
      return (
        <SessionContext.Provider value={state.session}>
          <Toasts>
            <Shell role={state.session.role} current={location.parts[0] ?? 'overview'} onSignOut={signOut}>
              <CurrentPage key={location.place.id} location={location} />
            </Shell>
          </Toasts>
        </SessionContext.Provider>
      );
    default:
      return state satisfies never;
  }
}
