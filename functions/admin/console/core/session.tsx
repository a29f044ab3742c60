import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { type Api, ApiError, createApi } from './api.ts';

/** Who is signed in, and how to ask the API in their name. */
export interface Session {
  readonly api: Api;
  readonly role: 'admin' | 'viewer';
  readonly signOut: () => void;
}

/** The token is kept in this tab alone: another tab, or this one opened anew, asks for it again. */
const storageKey = 'postback-console-token';

export const tokenStore = {
  read: (): string | undefined => sessionStorage.getItem(storageKey) ?? undefined,
  write: (token: string): void => sessionStorage.setItem(storageKey, token),
  clear: (): void => sessionStorage.removeItem(storageKey),
};

/**
 * Finds out what a token may do: only admins may see the list of tokens.
 *
 * @throws ApiError 401 when the token is not good.
 */
export async function openSession(token: string, signOut: () => void): Promise<Session> {
  const api = createApi(token, signOut);
  try {
    await api.get('/tokens', { limit: '1' });
    return { api, role: 'admin', signOut };
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return { api, role: 'viewer', signOut };
    throw error;
  }
}

export const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error('nobody is signed in');
  return session;
}
