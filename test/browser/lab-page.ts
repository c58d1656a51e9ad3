/** What a person does on a lab's page: starts it, types, reads. */
import type { Page } from 'playwright-core';

const patience = { timeout: 20_000 };

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
  const endMs = Date.now() + patience.timeout;
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

/** Waits until a task of the lab has come to this state. */
export function waitForTask(page: Page, id: string, state: 'green' | 'open' | 'waiting'): Promise<unknown> {
  return page.locator(`[data-task="${id}"][data-state="${state}"]`).waitFor(patience);
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
