import { useState } from 'preact/hooks';
import { path } from '../../core/api.ts';
import { useSession } from '../../core/session.tsx';
import type { Publisher, TestAttempt } from '../../core/types.ts';
import { useAction } from '../../core/use-action.ts';
import { useToast } from '../../parts/toasts.tsx';

/** The actions for a publisher's endpoint: a test delivery, and a new signing secret, which is shown only once. */
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

/** Pauses the deliveries of a publisher's endpoint, or resumes them. @param postbackId absent: the plain URL. */
export function usePausing(id: string, onChange: () => void) {
  const { api } = useSession();
  const say = useToast();
  return useAction(async ({ state }: Publisher['endpoint'], postbackId?: string) => {
    const body = postbackId === undefined ? {} : { postback_id: postbackId };
    if (state === 'active') {
      await api.post(path`/publishers/${id}/pause`, body);
      say('Paused. Deliveries are held; users still get their points.');
    } else {
      const { released } = await api.post<{ released: number }>(path`/publishers/${id}/resume`, body);
      say(`Resumed. Sending ${released} held deliveries.`);
    }
    onChange();
  });
}
