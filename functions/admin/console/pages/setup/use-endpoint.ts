import { useState } from 'preact/hooks';
import { path } from '../../core/api.ts';
import { useSession } from '../../core/session.tsx';
import type { TestAttempt } from '../../core/types.ts';
import { useAction } from '../../core/use-action.ts';

/** What can be tried and renewed at a publisher's endpoint: a test delivery, and the signing secret, which is shown once. */
export function useEndpoint(id: string) {
  const { api } = useSession();
  const [attempt, setAttempt] = useState<TestAttempt | undefined>();
  const [secret, setSecret] = useState<string | undefined>();
  const test = useAction(async () => {
    setAttempt(undefined);
    setAttempt((await api.post<{ attempt: TestAttempt }>(path`/publishers/${id}/test-delivery`, {})).attempt);
  });
  const rotate = useAction(async () => setSecret((await api.post<{ secret: string }>(path`/publishers/${id}/rotate-secret`, {})).secret));
  return { test, attempt, rotate, secret, forgetSecret: () => setSecret(undefined), failure: test.error ?? rotate.error };
}
