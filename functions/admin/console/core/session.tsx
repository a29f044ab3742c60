import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { type Api, createApi } from './api.ts';
import { createNames, type Names } from './names.ts';

/** Who is signed in, and the API that is called in their name. */
export interface Session {
  readonly api: Api;
  readonly names: Names;
  readonly role: 'admin' | 'viewer' | 'publisher' | 'partner';
  /** The publisher or partner to which a bound token is limited; empty for any other token. */
  readonly boundTo: string;
  readonly signOut: () => void;
}

/** Only the tabs of this browser keep the token, and only while one of them is open. */
const storageKey = 'postback-console-token';

export const tokenStore = {
  read: (): string | undefined => sessionStorage.getItem(storageKey) ?? undefined,
  write: (token: string): void => sessionStorage.setItem(storageKey, token),
  clear: (): void => sessionStorage.removeItem(storageKey),
};

type Message = { readonly kind: 'asked' } | { readonly kind: 'signed_in' | 'signed_out'; readonly token: string };

/** Reaches the other tabs of this browser that have the console open, and nobody else: no other page of this host runs scripts. */
const tabs = new BroadcastChannel('postback-console');

/** Longer than any open tab needs to answer. */
export const answerMilliseconds = 300;

export function tellTabs(message: Message): void {
  tabs.postMessage(message);
}

interface Tabs {
  /** Another tab has signed in, or has answered that it is signed in. */
  readonly onSignedIn: () => void;
  /** Another tab has signed out. */
  readonly onSignedOut: () => void;
}

/** Shares one session between all tabs: a tab that has it gives it to those that have none, and signing out of one tab signs out of all. */
export function shareSession({ onSignedIn, onSignedOut }: Tabs): () => void {
  const listen = ({ data }: MessageEvent<Message>) => {
    const own = tokenStore.read();
    switch (data.kind) {
      case 'asked':
        if (own !== undefined) tellTabs({ kind: 'signed_in', token: own });
        break;
      case 'signed_in':
        if (own !== undefined) break;
        tokenStore.write(data.token);
        onSignedIn();
        break;
      case 'signed_out':
        if (own === data.token) onSignedOut();
        break;
      default:
        data satisfies never;
    }
  };
  tabs.addEventListener('message', listen);
  return () => tabs.removeEventListener('message', listen);
}

/**
 * Takes the token out of a sign-in link. The token is behind the `#`, which no browser sends to a server, and is removed from the URL at
 * once.
 */
function takeTokenOfLink(): boolean {
  const [, token] = /^#token=([\x21-\x7e]+)$/.exec(location.hash) ?? [];
  if (token === undefined) return false;
  tokenStore.write(token);
  history.replaceState(null, '', `${location.pathname}#/`);
  return true;
}

/**
 * Signs in by the link with which the console was opened, and by one that is opened in its tab later: only the fragment changes then, and
 * the browser loads nothing, so the console starts again.
 */
export function followSignInLinks(): void {
  takeTokenOfLink();
  addEventListener('hashchange', () => {
    if (takeTokenOfLink()) location.reload();
  });
}

/** A URL for {@link followSignInLinks}. Its reader needs nothing else to sign in. */
export function signInLink(token: string): string {
  return `${location.origin}${location.pathname}#token=${token}`;
}

interface Me {
  readonly role: Session['role'];
  readonly publisher_id: string | null;
  readonly partner_id: string | null;
}

/**
 * Finds out what a token allows, and for whom.
 *
 * @throws ApiError 401 when the token is not valid.
 */
export async function openSession(token: string, signOut: () => void): Promise<Session> {
  const api = createApi(token, signOut);
  const me = await api.get<Me>('/me');
  return { api, names: createNames(api, me.role), role: me.role, boundTo: me.publisher_id ?? me.partner_id ?? '', signOut };
}

export const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error('nobody is signed in');
  return session;
}
