/** A real Chromium for the browser tests, and a page that notices what must not happen on any page. */
import fs from 'node:fs';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Where there is no browser, the tests are skipped, and this line says why. */
export const hasChromium = fs.existsSync(executablePath);
if (!hasChromium) console.warn(`browser tests skipped: no Chromium at ${executablePath} (set CHROMIUM)`);

/** A browser that shares a small machine with other tests takes its time. */
export const patienceMs = 60_000;

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath, args });
}

export interface WatchedPage {
  readonly page: Page;
  /** Errors on the console, exceptions, and requests to other hosts, in words. */
  readonly faults: readonly string[];
  close(): Promise<void>;
}

export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext({ baseURL: url, viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce', ...options });
  context.setDefaultTimeout(patienceMs);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`exception: ${error.message}`));
  context.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (/^(https?|wss?):$/.test(protocol) && origin !== new URL(url).origin) faults.push(`another host: ${request.url()}`);
  });
  return { page, faults, close: () => context.close() };
}
