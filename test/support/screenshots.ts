/**
 * Takes pictures of every page of the console (light, dark, and as wide as a phone) for a person to look at, and those of docs/console.md.
 * `npm run screenshots -- --documents` takes only the latter.
 */

import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { BrowserContextOptions } from 'playwright-core';
import { ConsoleBrowser, goTo } from './console-browser.ts';
import { moments } from './console-moments.ts';
import { everyPage, playScene } from './console-scene.ts';
import { LocalStack } from './local-stack.ts';
import { pictureFolder, takePictures } from './pictures.ts';

const folder = join(import.meta.dirname, '..', '..', 'screenshots');

const looks: Readonly<Record<string, BrowserContextOptions>> = {
  light: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
  phone: { colorScheme: 'light', viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
};

async function takeAll(): Promise<void> {
  const stack = await LocalStack.start();
  try {
    const scene = await playScene(stack);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    for (const [look, options] of Object.entries(looks)) {
      const browser = await ConsoleBrowser.start(stack, options);
      const signInPage = await browser.tab();
      await signInPage.getByLabel('Admin token').waitFor();
      await signInPage.screenshot({ path: join(folder, `sign-in-${look}.png`), fullPage: true });
      for (const { token, pages } of everyPage(scene, stack.system.adminToken)) {
        const page = await browser.signedIn('', token);
        for (const [name, address] of Object.entries(pages)) {
          await goTo(page, address);
          await page.screenshot({ path: join(folder, `${name}-${look}.png`), fullPage: true });
        }
        await page.close();
      }
      const page = await browser.signedIn();
      for (const [name, leadTo] of Object.entries(moments)) {
        await leadTo(page, scene);
        await page.screenshot({ path: join(folder, `${name}-${look}.png`), fullPage: true });
        await page.reload();
      }
      await browser.stop();
    }
    console.log(`The pictures are in ${folder}`);
  } finally {
    await stack.stop();
  }
}

const { documents } = parseArgs({ options: { documents: { type: 'boolean', default: false } } }).values;
if (!documents) await takeAll();
await takePictures();
console.log(`Those of docs/console.md are in ${pictureFolder}`);
