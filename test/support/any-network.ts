import fc from 'fast-check';
import { digestAlgorithms, encodings, hmacAlgorithms, type Network } from '../../functions/domain/networks/network.ts';

const name = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_]{1,12}$/);
/** Made once, because fast-check takes long to work out what the pattern allows. */
const word = fc.stringMatching(/^[a-z0-9_]{2,10}$/);
const names = fc.uniqueArray(name, { minLength: 8, maxLength: 8, selector: (one) => one.toLowerCase() });
const separator = fc.constantFrom('', ':', '-', '/', '|');

/** A recipe over the four names that matter, in an order and a way of its own. */
const anySigning = (own: readonly string[]) =>
  fc
    .record({
      algorithm: fc.constantFrom(...digestAlgorithms, ...hmacAlgorithms),
      encoding: fc.constantFrom(...encodings),
      order: fc.shuffledSubarray([...own.slice(0, 4)], { minLength: 4 }),
      joined: separator,
      kind: fc.constantFrom('values', 'url_before', 'sorted_query', 'sorted_pairs', 'sorted_values', 'body'),
      place: fc.constantFrom('query', 'header', 'body'),
      timed: fc.boolean(),
    })
    .map(({ algorithm, encoding, order, joined, kind, place, timed }) => {
      const carrier = own[7] ?? 'sig';
      const values = order.map((one) => `{${one}}`).join(joined);
      const text = {
        values,
        url_before: place === 'query' ? `{url_before:${carrier}}` : '{url}',
        sorted_query: '{sorted_query}',
        sorted_pairs: '{sorted_query:;}',
        sorted_values: '{sorted_values:~}',
        // A signature that is part of the body cannot cover the body.
        body: place === 'header' ? '{body}' : values,
      }[place === 'body' ? 'values' : kind];
      const stale = timed && place === 'header';
      const whole = `${stale ? '{timestamp}.' : ''}${text}${algorithm.startsWith('hmac-') ? '' : '{secret}'}`;
      const timestamp = { in: 'header:X-Timestamp', unit: 's' as const, max_age_seconds: 300 };
      return { in: `${place}:${carrier}`, algorithm, encoding, message: whole, ...(stale && { timestamp }) };
    });

/** One network in eight sends its secret as it is. */
const anyProof = (own: readonly string[]): fc.Arbitrary<Pick<Network, 'signing' | 'shared_secret'>> =>
  fc.oneof(
    { arbitrary: anySigning(own).map((signing) => ({ signing })), weight: 7 },
    { arbitrary: fc.constant({ shared_secret: { in: `query:${own[7]}` } }), weight: 1 },
  );

/** Networks that nobody has ever seen. */
export const anyNetwork: fc.Arbitrary<Network> = names.chain((own) => {
  const [click = '', transaction = '', payout = '', status = '', mark = '', original = ''] = own;
  return fc
    .record({
      network_id: fc.constant('any'),
      title: fc.constant('Any'),
      names: fc.constant({ click_id: [click], transaction_id: [transaction], payout: [payout], status: [status] }),
      proof: anyProof(own),
      amount: fc.record({
        unit: fc.constantFrom('major' as const, 'minor' as const),
        negative: fc.constantFrom('refuse' as const, 'reverses' as const),
      }),
      statuses: fc.record({
        words: fc.uniqueArray(word, { minLength: 3, maxLength: 3 }).map(([good = '', bad = '', wait = '']) => ({
          [`${good}x`]: 'approved' as const,
          [`${bad}y`]: 'reversed' as const,
          [`${wait}z`]: 'pending' as const,
        })),
        absent: fc.constantFrom('held' as const, 'approved' as const),
      }),
      reversal: fc.constantFrom({ original }, { id_prefix: 'r-' }, { own_id: true }, {}),
      test: fc.constant({ [mark]: ['yes'] }),
      paste: fc.constant([`?${[click, transaction, payout, status, ...own.slice(5, 7)].map((one) => `${one}={${one}}`).join('&')}`]),
    })
    .map(({ proof, ...network }) => ({ ...network, ...proof }));
});
