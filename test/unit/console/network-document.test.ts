import { describe, expect, test } from '@jest/globals';
import { documentIn, documentOf, withValue } from '../../../functions/admin/console/core/network-document.ts';
import { networkFields, networkText, withNetworkText } from '../../../functions/admin/console/pages/setup/network-fields.ts';
import { builtInNetworks } from '../../../functions/domain/networks/built-in.ts';

const fieldNamed = (name: string) => {
  const found = networkFields.find(({ field }) => field.name === name);
  if (found === undefined) throw new Error(`no field ${name}`);
  return found;
};

describe("a network's document and its form", () => {
  test('agree: every field of a built-in network writes back unchanged what it shows', () => {
    for (const network of builtInNetworks.values()) {
      const document = documentOf(JSON.stringify(network));
      for (const part of networkFields) {
        const text = networkText(document, part);
        // An empty list means that a network never sends the value, which only the JSON can show.
        if (text === undefined || text === '') continue;
        expect([network.network_id, withNetworkText(document, part, text)]).toEqual([network.network_id, document]);
      }
    }
  });

  test('lose a part that is emptied, and objects that become empty', () => {
    const document = documentOf('{"title":"A","signing":{"in":"query:hash"},"names":{"click_id":["a"],"payout":["b"]}}');
    const signed = withNetworkText(document, fieldNamed('signing.in'), '');
    expect(withNetworkText(signed, fieldNamed('names.payout'), ' ')).toEqual({ title: 'A', names: { click_id: ['a'] } });
  });

  test('do not change while a word has no meaning yet', () => {
    expect(() => withNetworkText({}, fieldNamed('statuses.words'), 'credit =')).toThrow('name = value');
    expect(withNetworkText({}, fieldNamed('statuses.words'), 'credit = approved\ninfo = none')).toEqual({
      statuses: { words: { credit: 'approved', info: null } },
    });
  });

  test('show an error for text that is no JSON object', () => {
    expect(() => documentOf('{')).toThrow('This is not valid JSON');
    expect(() => documentOf('[]')).toThrow('must be one JSON object');
  });

  test('leave out what the API adds, and keep the place of a value', () => {
    expect(documentIn({ title: 'A', built_in: true, open: [], created_at: null, updated_at: null })).toEqual({ title: 'A' });
    expect(Object.keys(withValue({ a: 1, b: 2 }, ['a'], 3))).toEqual(['a', 'b']);
  });
});
