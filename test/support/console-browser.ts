import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { findBrowser } from './find-browser.ts';
import type { LocalStack } from './local-stack.ts';

/**
 * Options that keep the browser from its own activities: it looks for no updates, calls no other hosts, and has no data of an earlier run.
 */
const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A real Chromium with the console in it. */
export class ConsoleBrowser {
  /** What the pages complained of: errors in scripts, and what the Content-Security-Policy blocked. */
  readonly complaints: string[] = [];
  /** Requests to any host other than the system under test. */
  readonly strayRequests: string[] = [];
  private readonly program: Browser;
  private readonly context: BrowserContext;
  private readonly stack: LocalStack;

  private constructor(stack: LocalStack, program: Browser, context: BrowserContext) {
    this.stack = stack;
    this.program = program;
    this.context = context;
    context.setDefaultTimeout(30_000);
  }

  static async start(stack: LocalStack, options: BrowserContextOptions = {}): Promise<ConsoleBrowser> {
    const { executablePath, env } = await findBrowser();
    const program = await chromium.launch({ executablePath, ...(env && { env: { ...process.env, ...env } }), headless: true, args: quiet });
    return ConsoleBrowser.of(program, stack, options);
  }

  /** A browser that shares nothing with this one but the running program, with which it ends. */
  another(options: BrowserContextOptions = {}): Promise<ConsoleBrowser> {
    return ConsoleBrowser.of(this.program, this.stack, options);
  }

  private static async of(program: Browser, stack: LocalStack, options: BrowserContextOptions): Promise<ConsoleBrowser> {
    const usual = { viewport: { width: 1280, height: 900 }, locale: 'en-GB', timezoneId: 'UTC' };
    return new ConsoleBrowser(stack, program, await program.newContext({ ...usual, ...options }));
  }

  /** Ends the program too, and with it every other browser of it. */
  async stop(): Promise<void> {
    await this.program.close();
  }

  /** Closes its tabs. */
  async close(): Promise<void> {
    await this.context.close();
  }

  /** A new tab, not signed in. */
  async tab(address = ''): Promise<Page> {
    const page = await this.context.newPage();
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('console', (message) => {
      // The browser itself reports answers with an error status; those come from the API and belong to the stories.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) this.complaints.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(this.stack.url) && !request.url().startsWith('data:')) this.strayRequests.push(request.url());
    });
    await page.goto(`${this.stack.url}/admin${address}`);
    return page;
  }

  /** A new tab, signed in with the token. */
  async signedIn(address = '', token = this.stack.system.adminToken): Promise<Page> {
    // Signs in by a link, because another tab may be signed in as somebody else, and would share its session.
    const page = await this.tab(`#token=${token}`);
    await page.locator('#main').waitFor();
    if (address !== '') await page.goto(`${this.stack.url}/admin${address}`);
    return page;
  }
}

/** Types the token as a person would. */
export async function signIn(page: Page, token: string): Promise<void> {
  await page.getByLabel('Admin token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Goes to a URL of the console in the same tab, and waits until nothing is loading. */
export async function goTo(page: Page, address: string): Promise<void> {
  await page.goto(new URL(address, page.url()).href);
  await settled(page);
}

/** Waits until the page has loaded what it asked for. */
export async function settled(page: Page): Promise<void> {
  // A change of the URL is drawn in the next frame at the earliest.
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  await page.locator('.loading').first().waitFor({ state: 'detached' });
}
