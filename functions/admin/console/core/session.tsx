import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { type Api, createApi } from './api.ts';

/** Who is signed in, and how to ask the API in their name. */
export interface Session {
  readonly api: Api;
  readonly role: 'admin' | 'viewer' | 'publisher' | 'partner';
  /** The publisher or partner for whom a bound token speaks; empty: nobody in particular. */
  readonly boundTo: string;
  readonly signOut: () => void;
}

/** The token is kept in this tab alone: another tab, or this one opened anew, asks for it again. */
const storageKey = 'postback-console-token';

export const tokenStore = {
  read: (): string | undefined => sessionStorage.getItem(storageKey) ?? undefined,
  write: (token: string): void => sessionStorage.setItem(storageKey, token),
  clear: (): void => sessionStorage.removeItem(storageKey),
};

/** A link that signs in carries its token behind the `#`, which no browser sends to anybody. It is taken out of the address at once. */
export function takeTokenOfLink(): void {
  const [, token] = /^#token=([\x21-\x7e]+)$/.exec(location.hash) ?? [];
  if (token === undefined) return;
  tokenStore.write(token);
  history.replaceState(null, '', `${location.pathname}#/`);
}

/** The address of such a link. */
export function signInLink(token: string): string {
  return `${location.origin}${location.pathname}#token=${token}`;
}

interface Me {
  readonly role: Session['role'];
  readonly publisher_id: string | null;
  readonly partner_id: string | null;
}

/**
 * Finds out what a token may do, and for whom.
 *
 * @throws ApiError 401 when the token is not good.
 */
export async function openSession(token: string, signOut: () => void): Promise<Session> {
  const api = createApi(token, signOut);
  const me = await api.get<Me>('/me');
  return { api, role: me.role, boundTo: me.publisher_id ?? me.partner_id ?? '', signOut };
}

export const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error('nobody is signed in');
  return session;
}
