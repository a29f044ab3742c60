import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { pictureFolder, pictureSize, pictures, publisherPicture } from '../support/pictures.ts';

/** The most bytes of a picture, because a page with eight of them is also read on phones. */
const most = 110_000;

const files = readdirSync(pictureFolder);
const shown = [...readFileSync(join(pictureFolder, '..', 'console.md'), 'utf8').matchAll(/!\[([^\]]*)\]\(pictures\/([^)]+)\)/g)];

test('the document about the console shows each picture that the script takes once, and no others', () => {
  const taken = [...Object.keys(pictures), publisherPicture].map((name) => `${name}.png`).toSorted();
  expect(files.toSorted()).toEqual(taken);
  expect(shown.map(([, , file]) => file).toSorted()).toEqual(taken);
});

test('each picture has a description for readers who cannot see it', () => {
  expect(shown.filter(([, text = '']) => text.split(' ').length < 10)).toEqual([]);
});

test.each(files)('%s has the size that the script takes, and few bytes', (file) => {
  const header = readFileSync(join(pictureFolder, file));
  expect({ width: header.readUInt32BE(16), height: header.readUInt32BE(20) }).toEqual(pictureSize);
  expect(statSync(join(pictureFolder, file)).size).toBeLessThan(most);
});
