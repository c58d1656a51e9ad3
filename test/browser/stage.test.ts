/** The stage beside the terminal, in a real browser: files in the editor, one object's panel, a long wait that can be skipped. */
import { expect, test } from 'vitest';
import { startLab, typeCommand, waitForScreen } from './lab-page.ts';
import { describeInBrowser } from './suite.ts';

const lesson = '/docs/architecture/parts-of-a-cluster';

describeInBrowser('the stage in the browser', (open) => {
  test('a manifest is written with help, applied, and edited by way of its object', async () => {
    const { page, faults, close } = await open();
    await page.goto(lesson);
    await startLab(page);
    await page.getByRole('tab', { name: 'Files' }).click();
    await page.getByRole('button', { name: 'New file' }).click();
    const text = page.getByRole('textbox', { name: '/root/manifest.yaml' });
    await text.click();
    await page.keyboard.type('apiVersion: v1\nkind: Po');
    await page.getByRole('listbox').getByText('PodTemplate').waitFor();
    await page.keyboard.insertText('d\nmetadata:\nname: web\n');
    await page.locator('.cm-lintRange-error').first().waitFor();
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText(
      '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"containers":[{"name":"web","image":"nginx:1.29"}]}}',
    );
    await page.waitForFunction(() => document.querySelector('.cm-lintRange-error') === null);
    await page.getByRole('button', { name: 'Apply' }).click();
    await waitForScreen(page, /pod\/web created/);

    await page.getByRole('tab', { name: 'Cluster' }).click();
    await page.getByRole('button', { name: /^web/ }).first().click();
    const panel = page.getByRole('complementary', { name: 'pods/web' });
    await panel.getByRole('list', { name: 'Events' }).getByText('Successfully assigned default/web').waitFor();
    await page.getByRole('tab', { name: 'Why' }).click();
    await page.getByRole('heading', { name: 'Why is default/web here?' }).waitFor();
    await page.getByText(/^node-\d won /).waitFor();
    await page.getByRole('row', { name: /^NodeResourcesFit ×1 / }).waitFor();
    await page.getByRole('row', { name: /control-plane TaintToleration node\(s\) had untolerated taint/ }).waitFor();
    await page.getByRole('tab', { name: 'Cluster' }).click();
    await panel.getByRole('button', { name: 'Edit as a file' }).click();
    const edited = page.getByRole('textbox', { name: '/root/pods-web.yaml' });
    await edited.getByText('nginx:1.29').first().waitFor();
    expect(await edited.getByText('resourceVersion').count()).toBe(0);
    await page.locator('.xterm-helper-textarea').focus();
    await typeCommand(page, 'clear; ls');
    await waitForScreen(page, /manifest\.yaml +pods-web\.yaml/);
    expect(faults).toEqual([]);
    await close();
  });

  test('a long wait says how long it is, and is skipped by one press', async () => {
    const { page, faults, close } = await open();
    await page.goto(lesson);
    await startLab(page);
    await typeCommand(page, 'kubectl create deployment web --image=nginx:1.29 --replicas=6');
    await typeCommand(page, 'kubectl rollout status deployment web && clear');
    await typeCommand(page, 'ssh node-1 poweroff');
    await page.getByRole('combobox', { name: 'Speed' }).selectOption('60×');
    const wait = page.getByRole('button', { name: /^Skip 0?4:\d\d to next change$/ });
    await wait.waitFor();
    await page.getByRole('combobox', { name: 'Speed' }).selectOption('1×');
    await wait.click();
    await page.locator('.xterm-helper-textarea').focus();
    await typeCommand(page, 'kubectl get pods --field-selector spec.nodeName=node-1');
    await waitForScreen(page, /Terminating/);
    expect(faults).toEqual([]);
    await close();
  });
});
