import { useState } from 'preact/hooks';
import { path } from '../../core/api.ts';
import { useSession } from '../../core/session.tsx';
import type { Conversion, Partner } from '../../core/types.ts';
import { useAction } from '../../core/use-action.ts';
import { ErrorNote, Text } from '../../parts/basics.tsx';
import { Name } from '../../parts/name.tsx';
import { useToast } from '../../parts/toasts.tsx';

/** The meanings that a status word can be given. */
const meanings = ['approved', 'pending', 'rejected', 'reversed', 'test'];

/**
 * The usual way to handle an unknown status word: a person says once what it means for this partner, and everything of this partner that is
 * held for its status is processed again. Postbacks with another unknown word stay held.
 */
export function RepairUnknownStatus({ conversion, onDone }: { readonly conversion: Conversion; readonly onDone: () => void }) {
  const { api } = useSession();
  const say = useToast();
  const [meaning, setMeaning] = useState('approved');
  const { partner_id: id } = conversion;
  const word = conversion.postbacks.at(-1)?.status ?? '';
  const repair = useAction(async () => {
    const { partner } = await api.get<{ partner: Partner }>(path`/partners/${id}`);
    await api.patch(path`/partners/${id}`, { status_mapping: { ...partner.status_mapping, [word.toLowerCase()]: meaning } });
    const filter = { partner_id: id, result: 'held', code: 'unknown_status' };
    const { results } = await api.post<{ results: readonly { done: boolean; result: string | null }[] }>(
      '/received-postbacks/reprocess',
      filter,
    );
    const taken = results.filter(({ done, result }) => done && result !== 'held').length;
    say(`“${word}” now means ${meaning} for this partner. ${taken === 1 ? '1 postback was' : `${taken} postbacks were`} reprocessed.`);
    onDone();
  });
  if (word === '') return null;
  return (
    <div class="repair">
      <p>
        <Name of="partner" id={id} />
      </p>
      <label class="filter inline">
        <span>
          says “<Text of={word} />
          ”, which means
        </span>
        <select value={meaning} onChange={(event) => setMeaning(event.currentTarget.value)}>
          {meanings.map((status) => (
            <option key={status}>{status}</option>
          ))}
        </select>
      </label>
      <button type="button" class="primary" onClick={() => void repair.run()} disabled={repair.running}>
        {repair.running ? 'Working…' : 'Remember the word and reprocess'}
      </button>
      {repair.error && <ErrorNote error={repair.error} />}
    </div>
  );
}
