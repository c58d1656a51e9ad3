/** What a person does on a lab's page: starts it, types, reads. */
import type { Page } from 'playwright-core';
import { patienceMs } from './browser.ts';

/** The text on the screen of the terminal that is shown, without the spaces at the ends of lines. */
export function screen(page: Page): Promise<string> {
  return page.evaluate(() => {
    const rows = [...document.querySelectorAll<HTMLElement>('.xterm-rows > div')].filter((row) => row.offsetParent);
    return rows
      .map((row) => row.textContent.replaceAll('\u00a0', ' ').trimEnd())
      .join('\n')
      .trimEnd();
  });
}

/** Waits until the screen shows it, and says what it showed instead when it does not. */
export async function waitForScreen(page: Page, wanted: RegExp): Promise<void> {
  const endMs = Date.now() + patienceMs;
  for (let seen = ''; ; seen = await screen(page)) {
    if (wanted.test(seen)) return;
    const crash = await page.getByRole('alert').allInnerTexts();
    if (crash.length > 0) throw new Error(`the session has ended: ${crash.join('; ')}`);
    if (Date.now() > endMs) throw new Error(`${wanted} did not appear; the screen shows:\n${seen}`);
    await page.waitForTimeout(50);
  }
}

/** Waits for a shell that wants a command. */
export function waitForPrompt(page: Page): Promise<void> {
  return waitForScreen(page, /[#$]$/);
}

/** From the first click to the prompt. */
export async function startLab(page: Page): Promise<void> {
  await page.getByRole('button', { name: /(Start|Continue) the lab/ }).click();
  await waitForPrompt(page);
}

/** Types a command and waits until it is done. */
export async function typeCommand(page: Page, command: string): Promise<void> {
  await page.keyboard.type(command);
  await page.keyboard.press('Enter');
  await page.waitForTimeout(100);
  await waitForPrompt(page);
}

interface Kept {
  readonly submission: { readonly events: readonly { readonly input?: string }[] };
  readonly files: Readonly<Record<string, string>>;
}

/** What the page keeps of a lab for a reload. */
function keptOf(page: Page, lab: string): Promise<Kept | undefined> {
  return page.evaluate(
    (key) =>
      new Promise<Kept | undefined>((resolve) => {
        const open = indexedDB.open('keyval-store');
        open.onsuccess = () => {
          const get = open.result.transaction('keyval').objectStore('keyval').get(key);
          get.onsuccess = () => resolve(get.result);
        };
      }),
    `lab:${lab}`,
  );
}

/** Waits until what was typed so far is kept for a reload, and this file if one is named; both take about a second. */
export async function waitUntilKept(page: Page, lab: string, typed: string, file?: string): Promise<void> {
  const endMs = Date.now() + patienceMs;
  for (;;) {
    const kept = await keptOf(page, lab);
    const input = kept?.submission.events.map((event) => event.input ?? '').join('') ?? '';
    if (input.includes(typed) && (file === undefined || file in kept!.files)) return;
    if (Date.now() > endMs) throw new Error(`${JSON.stringify(typed)} is not kept; what is: ${JSON.stringify(kept)}`);
    await page.waitForTimeout(50);
  }
}

/** Waits until a task of the lab has come to this state. */
export function waitForTask(page: Page, id: string, state: 'green' | 'open' | 'waiting'): Promise<unknown> {
  return page.locator(`[data-task="${id}"][data-state="${state}"]`).waitFor();
}

/** Goes to a control as someone without a pointer does, and presses Enter on it. */
export async function pressByKeyboard(page: Page, name: RegExp): Promise<void> {
  const focused = (): Promise<string> =>
    page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '');
  for (let stops = 0; stops < 200; stops++) {
    if (name.test(await focused())) return page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not lead to ${name}`);
}
