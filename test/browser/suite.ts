/** Browser tests of one file: they share a browser and the served site. */
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, describe } from 'vitest';
import { hasChromium, launch, openPage } from './browser.ts';
import type { WatchedPage } from './browser.ts';
import { serveSite } from './site.ts';
import type { Site } from './site.ts';

export type Open = (options?: BrowserContextOptions) => Promise<WatchedPage>;

/** Describes tests that open pages of the site; without Chromium they are skipped, and a line says so. */
export function describeInBrowser(name: string, tests: (open: Open) => void): void {
  describe.runIf(hasChromium)(name, { timeout: 180_000 }, () => {
    let site: Site;
    let browser: Browser;

    beforeAll(async () => {
      site = await serveSite();
      browser = await launch();
    }, 300_000);

    afterAll(async () => {
      await browser?.close();
      await site?.close();
    });

    tests((options) => openPage(browser, site.url, options));
  });
}
