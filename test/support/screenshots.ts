/** Takes a picture of every page of the console, light, dark and as wide as a phone, for a person to look at. */

import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContextOptions } from 'playwright-core';
import { ConsoleBrowser, goTo } from './console-browser.ts';
import { moments } from './console-moments.ts';
import { playScene } from './console-scene.ts';
import { LocalStack } from './local-stack.ts';

const folder = join(import.meta.dirname, '..', '..', 'screenshots');

const looks: Readonly<Record<string, BrowserContextOptions>> = {
  light: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
  phone: { colorScheme: 'light', viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
};

const stack = await LocalStack.start();
try {
  const scene = await playScene(stack);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const [look, options] of Object.entries(looks)) {
    const browser = await ConsoleBrowser.start(stack, options);
    const signInPage = await browser.tab();
    await signInPage.screenshot({ path: join(folder, `sign-in-${look}.png`), fullPage: true });
    const page = await browser.signedIn();
    for (const [name, address] of Object.entries(scene.pages)) {
      await goTo(page, address);
      await page.screenshot({ path: join(folder, `${name}-${look}.png`), fullPage: true });
    }
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
