import { ConsoleBrowser, goTo } from '../support/console-browser.ts';
import { FilledSystem } from './filled-system.ts';
import { median } from './numbers.ts';

/** Measures how long the console takes to go back to a long list, until the row that was opened is where it was. */
export interface Back {
  readonly rows: number;
  readonly medianMilliseconds: number;
  readonly worstMilliseconds: number;
}

const rounds = 10;

/** Loads the whole list page by page, like somebody who looks for a row. */
const loadAll = `(async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const button = () => document.querySelector('.list-foot button');
  while (button()) {
    button().click();
    do await frame(); while (button()?.disabled);
  }
})()`;

/** Scrolls to a part of the list, and returns the URL of a visible row with its distance from the top. */
const scrollTo = (part: number): string => `(async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  scrollTo(0, document.body.scrollHeight * ${part});
  const inSight = () => [...document.querySelectorAll('tbody a[href^="#/conversions/"]')].find((link) => link.getBoundingClientRect().top > 300);
  while (inSight() === undefined) await frame();
  for (let frames = 0; frames < 20; frames += 1) await frame();
  const link = inSight();
  return [link.getAttribute('href'), link.getBoundingClientRect().top];
})()`;

/** Goes back, and returns after how many milliseconds the row is drawn where it was. */
const goBack = (address: string, top: number): string => `(async () => {
  const started = performance.now();
  history.back();
  for (;;) {
    await new Promise((done) => requestAnimationFrame(done));
    const link = document.querySelector('tbody a[href=${JSON.stringify(JSON.stringify(address)).slice(1, -1)}]');
    if (link !== null && Math.abs(link.getBoundingClientRect().top - ${top}) <= 2) return performance.now() - started;
    if (performance.now() - started > 30_000) throw new Error('Back did not lead to the same row');
  }
})()`;

/** Opens a conversion at ten places of a list of so many conversions, reads it, and goes back. */
export async function measureBack(rows = 10_000): Promise<Back> {
  // The list of all conversions is read from the log.
  const { stack } = await FilledSystem.start({ conversions: rows, logs: 5 * rows });
  try {
    const browser = await ConsoleBrowser.start(stack);
    const page = await browser.signedIn('#/conversions');
    await page.locator('.list-foot button').waitFor();
    await page.evaluate(loadAll);
    await page.getByText(`${rows.toLocaleString('en-US')} in all`).waitFor();
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const [address, top] = await page.evaluate<[string, number]>(scrollTo((round + 0.5) / rounds));
      await goTo(page, address);
      await page.getByRole('heading', { name: 'Conversion', level: 1 }).waitFor();
      times.push(await page.evaluate<number>(goBack(address, top)));
    }
    await browser.stop();
    return { rows, medianMilliseconds: median(times), worstMilliseconds: Math.max(...times) };
  } finally {
    await stack.stop();
  }
}
