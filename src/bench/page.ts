/** What a lab page costs the reader: the script of the worker, the time to its prompt, and how long the page stands still. */
import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import type { Page } from 'playwright-core';
import { serveSite } from '../../test/browser/site.ts';
import type { Bench, Figure } from './figure.ts';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const lesson = '/docs/architecture/parts-of-a-cluster';
const prompt = 'root@control-plane:~#';

/** The script that the worker begins with, told by a sentence of kubectl's: emulator, shell and kubectl, without what loads later. */
function workerScripts(): readonly string[] {
  const folder = 'build/assets/js';
  const files = fs
    .readdirSync(folder)
    .filter((name) => name.endsWith('.js'))
    .map((name) => path.join(folder, name));
  return files.filter((file) => fs.readFileSync(file, 'utf8').includes('did you specify the right host or port'));
}

async function promptTimes(page: Page): Promise<{ readonly promptMs: number; readonly longestTaskMs: number }> {
  await page.addInitScript(() => {
    const tasks: number[] = [];
    Object.assign(window, { longTasks: tasks });
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: 'longtask' });
  });
  await page.goto(lesson);
  await page.waitForLoadState('networkidle');
  const start = performance.now();
  await page.getByRole('button', { name: 'Start the lab' }).click();
  await page.waitForFunction(
    (text) => document.querySelector('.xterm-rows')?.textContent?.replaceAll('\u00a0', ' ').includes(text),
    prompt,
  );
  const promptMs = performance.now() - start;
  await page.waitForTimeout(500);
  await page.evaluate(() => void ((window as unknown as { longTasks: number[] }).longTasks.length = 0));
  await page.keyboard.type('kubectl create deployment web --image=nginx:1.29 --replicas=300\n');
  await page.waitForTimeout(6000);
  const longestTaskMs = await page.evaluate(() => Math.max(0, ...(window as unknown as { longTasks: number[] }).longTasks));
  return { promptMs, longestTaskMs };
}

async function measurePage(): Promise<Figure[]> {
  const site = await serveSite();
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'],
  });
  try {
    const page = await browser.newPage({ baseURL: site.url, viewport: { width: 1440, height: 900 } });
    const { promptMs, longestTaskMs } = await promptTimes(page);
    return [
      { name: 'page-prompt', value: promptMs, unit: 'ms', goal: 1000 },
      {
        name: 'page-longest-task while 300 Pods start',
        value: longestTaskMs,
        unit: 'ms',
        goal: 50,
        peer: 'webernetes, 500 Pods',
        peerValue: 15_000,
      },
    ];
  } finally {
    await browser.close();
    await site.close();
  }
}

export const pageBenches: readonly Bench[] = [
  {
    name: 'page-script',
    run: async () => {
      await (await serveSite()).close();
      const bytes = workerScripts().reduce((sum, file) => sum + gzipSync(fs.readFileSync(file), { level: 9 }).length, 0);
      return [
        {
          name: 'page-script',
          value: bytes / 1024,
          unit: 'KB gzip',
          goal: 250,
          peer: 'webernetes, without kubectl or shell',
          peerValue: 141,
        },
      ];
    },
  },
  {
    name: 'page-prompt',
    run: () => {
      if (fs.existsSync(executablePath)) return measurePage();
      process.stderr.write(`page-prompt: skipped, there is no Chromium at ${executablePath}\n`);
      return [];
    },
  },
];
