import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { ConsoleBrowser, goTo, settled } from './console-browser.ts';
import { moments } from './console-moments.ts';
import { plain, playScene, type Scene } from './console-scene.ts';
import { LocalStack } from './local-stack.ts';

/** The folder with the pictures of docs/console.md. */
export const pictureFolder = join(import.meta.dirname, '..', '..', 'docs', 'pictures');

/** The part of a page that a reader sees at once. */
export const pictureSize = { width: 1_280, height: 800 } as const;

type LeadTo = (page: Page, scene: Scene) => Promise<unknown>;

const opened =
  (name: string): LeadTo =>
  (page, { pages }) =>
    goTo(page, pages[name] ?? '');

/** @param section the heading of the section at which the picture begins; absent: the beginning of the page. */
const momentOf =
  (name: string, section?: string): LeadTo =>
  async (page, scene) => {
    await moments[name]?.(page, scene);
    if (section === undefined) return;
    const heading = `[...document.querySelectorAll('h2')].find((one) => one.textContent === ${JSON.stringify(section)})`;
    await page.evaluate(`scrollTo(0, ${heading}.getBoundingClientRect().top + scrollY - 40)`);
  };

/** Each picture by the name of its file, with the way to its page. */
export const pictures: Readonly<Record<string, LeadTo>> = {
  'to-do': opened('work'),
  'held-postback': opened('conversion-held'),
  'many-at-once': momentOf('deciding-about-many'),
  performance: opened('performance'),
  statement: opened('statement'),
  'compare-a-file': momentOf('file-compared', 'Totals'),
  'postback-url': momentOf('url-tested', 'Postback URL'),
};

/** What a publisher sees with a token of its own. */
export const publisherPicture = 'publisher';

/** Takes the pictures of docs/console.md again. */
export async function takePictures(): Promise<void> {
  const stack = await LocalStack.start();
  try {
    const scene = await playScene(stack, plain);
    const browser = await ConsoleBrowser.start(stack, { colorScheme: 'light', viewport: pictureSize });
    const save = async (from: Page, name: string): Promise<void> => {
      // Names are loaded after the ids.
      await from.waitForLoadState('networkidle');
      await settled(from);
      await from.screenshot({ path: join(pictureFolder, `${name}.png`), animations: 'disabled' });
    };
    const admin = await browser.signedIn();
    for (const [name, leadTo] of Object.entries(pictures)) {
      await leadTo(admin, scene);
      await save(admin, name);
      await admin.reload();
    }
    const { token, pages } = scene.bound.publisher;
    const own = await browser.signedIn('', token);
    await goTo(own, pages['overview'] ?? '');
    await save(own, publisherPicture);
    await browser.stop();
  } finally {
    await stack.stop();
  }
}
