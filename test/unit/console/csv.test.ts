import { expect, test } from '@jest/globals';
import type { Api, CsvPage } from '../../../functions/admin/console/core/api.ts';
import { mostRows, wholeCsv, withoutHeader } from '../../../functions/admin/console/core/csv.ts';

/** An API that only has the pages of a list. */
function apiOf(pageAt: (cursor: string | undefined) => CsvPage, asked: unknown[] = []): Api {
  const getCsv: Api['getCsv'] = async (path, query) => {
    asked.push([path, query]);
    return pageAt(query?.['cursor']);
  };
  return { getCsv } as Api;
}

const walk = { path: '/things', query: { status: 'held' }, paged: true, signal: new AbortController().signal, onProgress: () => undefined };

test('the pages of a list become one file under one header, with the filters of each request', async () => {
  const asked: unknown[] = [];
  const api = apiOf(
    (cursor) => (cursor === undefined ? { text: 'id,text\r\n1,a\r\n', next: 'c1' } : { text: 'id,text\r\n2,"b\r\nb"\r\n', next: null }),
    asked,
  );
  expect(await wholeCsv({ ...walk, api })).toEqual({ text: 'id,text\r\n1,a\r\n2,"b\r\nb"\r\n', cut: false });
  expect(asked).toEqual([
    ['/things', { status: 'held', limit: '200', cursor: undefined }],
    ['/things', { status: 'held', limit: '200', cursor: 'c1' }],
  ]);
});

test('a list that is too long is cut, and says so', async () => {
  const progress: number[] = [];
  const api = apiOf(() => ({ text: 'id\r\n1\r\n', next: 'more' }));
  const { cut } = await wholeCsv({ ...walk, api, onProgress: (rows) => progress.push(rows) });
  expect([cut, progress.at(-1)]).toEqual([true, mostRows]);
});

test('a page without rows adds nothing', () => {
  expect([withoutHeader('id,text\r\n'), withoutHeader('')]).toEqual(['', '']);
});
