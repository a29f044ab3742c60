import { useState } from 'preact/hooks';
import { ApiError, toApiError } from '../core/api.ts';
import { openSession, type Session, tellTabs, tokenStore } from '../core/session.tsx';
import { ErrorNote } from '../parts/basics.tsx';

interface SignInProps {
  /** Why somebody who was signed in has to sign in again. */
  readonly notice: string | undefined;
  readonly onSignedIn: (session: Session) => void;
  readonly signOut: () => void;
}

export function SignInPage({ notice, onSignedIn, signOut }: SignInProps) {
  const [token, setToken] = useState('');
  const [state, setState] = useState<{ running: boolean; error?: ApiError }>({ running: false });
  const signIn = async () => {
    const text = token.trim();
    setState({ running: true });
    try {
      // A header can carry nothing else, and no token contains anything else.
      if (!/^[\x21-\x7e]+$/.test(text)) throw new ApiError(401, 'unauthorized', 'This is not a token.');
      const session = await openSession(text, () => undefined);
      tokenStore.write(text);
      tellTabs({ kind: 'signed_in', token: text });
      onSignedIn(await openSession(text, signOut).catch(() => session));
    } catch (error) {
      const failure = toApiError(error);
      setState({
        running: false,
        error: failure.status === 401 ? new ApiError(401, 'unauthorized', 'Unknown or revoked token.') : failure,
      });
    }
  };
  return (
    <main class="sign-in">
      <form
        class="card form"
        aria-label="Sign in"
        onSubmit={(event) => {
          event.preventDefault();
          void signIn();
        }}
      >
        <h1>Postback console</h1>
        {notice && <p class="note warn">{notice}</p>}
        <div class="field">
          <label for="token">Admin token</label>
          <input
            id="token"
            type="password"
            value={token}
            required
            autoComplete="off"
            spellcheck={false}
            aria-describedby="token-help"
            onInput={(event) => setToken(event.currentTarget.value)}
            ref={focusOnce}
          />
          <p id="token-help" class="help">
            The tabs of this browser share the token, and keep it no longer than one of them is open. The first one comes from the
            deployment; on your machine, <code>npm start</code> prints it.
          </p>
        </div>
        {state.error && <ErrorNote error={state.error} />}
        <div class="actions">
          <button type="submit" class="primary" disabled={state.running}>
            {state.running ? 'Signing in…' : 'Sign in'}
          </button>
        </div>
      </form>
    </main>
  );
}

/** Focuses the only field of the page, unless something else has the focus. */
function focusOnce(element: HTMLInputElement | null): void {
  if (element !== null && document.activeElement === document.body) element.focus();
}
