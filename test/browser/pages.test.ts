/** Every page template in both themes, with and without a lab: accessible, quiet on the console, alone on the network. */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { startLab, typeCommand, waitForPrompt } from './lab-page.ts';
import { describeInBrowser } from './suite.ts';

const axeSource = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const lesson = '/docs/architecture/parts-of-a-cluster';

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
  }[];
}

async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axeSource);
  const { violations: found } = (await page.evaluate('axe.run()')) as AxeResult;
  return found.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`));
}

/** A packet that a policy drops, with its path, and who reaches whom. */
async function showNetwork(page: Page): Promise<void> {
  await startLab(page);
  await typeCommand(page, 'kubectl run web --image=nginx:1.29 --port=80 --expose && kubectl wait --for=condition=Ready pod/web');
  await typeCommand(
    page,
    'kubectl apply -f - <<< "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: web}, spec: {podSelector: {}}}"',
  );
  await typeCommand(page, 'kubectl run -i --rm --restart=Never ask --image=busybox:1.36 -- wget -qO- -T 1 http://web');
  await page.getByRole('tab', { name: 'Network' }).click();
  await page.getByText('Who reaches whom').click();
  await page.getByRole('cell', { name: 'yes' }).first().waitFor();
  await page.getByRole('button', { name: /ETIMEDOUT wget: default\/ask → / }).click();
  await page.getByRole('region', { name: 'Path of the chosen packet' }).getByText('default/web does not allow it').waitFor();
}

/** A refused request with everything that was looked at, and then another question. */
async function showAccess(page: Page): Promise<void> {
  await startLab(page);
  await typeCommand(page, 'kubectl create clusterrolebinding erik --clusterrole=view --user=erik');
  await typeCommand(page, 'kubectl delete pod web --as=erik');
  await page.getByRole('tab', { name: 'Access' }).click();
  await page.getByRole('button', { name: /User erik: delete pods web in default/ }).click();
  await page.getByText('What is missing: a rule with the verb delete for pods, given in default.').waitFor();
  await page.getByLabel('Verb').fill('list');
  await page.getByText(/✓ allowed\. ClusterRoleBinding erik gives ClusterRole view in the whole cluster/).waitFor();
}

const pages = [
  { name: 'home', path: '/', prepare: waitForPrompt },
  { name: 'a lesson', path: lesson, prepare: async () => {} },
  { name: 'a lesson with manifests, pictures and links', path: '/docs/networking/network-policy', prepare: async () => {} },
  { name: 'a lesson with its lab open', path: lesson, prepare: startLab },
  {
    name: 'a lesson with the requests of its lab',
    path: lesson,
    prepare: async (page: Page) => {
      await startLab(page);
      await page.getByRole('tab', { name: 'Requests' }).click();
    },
  },
  { name: 'a lesson with the network of its lab', path: lesson, prepare: showNetwork },
  { name: 'a lesson with the access of its lab', path: lesson, prepare: showAccess },
  {
    name: 'a lesson with an object of its lab',
    path: lesson,
    prepare: async (page: Page) => {
      await startLab(page);
      await page.getByRole('button', { name: 'node-1' }).click();
      await page.getByText('kind: Node').waitFor();
    },
  },
  {
    name: 'a lesson with a file of its lab',
    path: lesson,
    prepare: async (page: Page) => {
      await startLab(page);
      await page.getByRole('tab', { name: 'Files' }).click();
      await page.getByRole('button', { name: 'New file' }).click();
      await page.getByRole('textbox', { name: '/root/manifest.yaml' }).click();
      await page.keyboard.insertText('# A comment\napiVersion: v1\nkind: "Pod"\nmeta: wrong\n');
      await page.locator('.cm-lintRange-error').first().waitFor();
    },
  },
  {
    name: 'the chart of diagnosis, beside a cluster in trouble',
    path: '/docs/troubleshooting/a-method',
    prepare: async (page: Page) => {
      await page.getByRole('button', { name: 'Type into the terminal: kubectl get nodes' }).click();
      await waitForPrompt(page);
      await page.getByText('✓ looked').first().waitFor();
      await page.locator('.xterm').click();
      await typeCommand(page, 'kubectl get pods -A; kubectl events -A; kubectl run web --image=nginx:9.99');
      await page.getByText('Next: What did the kubelet say?').waitFor();
      await page.getByRole('button', { name: 'Type into the terminal: kubectl describe pod web -n default' }).click();
      await page.getByText(/Next: The image: which name exactly/).waitFor();
    },
  },
  { name: 'a contributing page', path: '/docs/contributing/architecture', prepare: async () => {} },
  { name: 'no such page', path: '/nowhere', prepare: async () => {} },
];

describeInBrowser('pages', (open) => {
  describe.each(['light', 'dark'] as const)('%s', (colorScheme) => {
    test.each(pages)('$name', async ({ path, prepare }) => {
      const { page, faults, close } = await open({ colorScheme });
      await page.goto(path);
      await prepare(page);
      expect(await violations(page)).toEqual([]);
      // The browser itself reports the missing page.
      expect(faults.filter((fault) => !(path === '/nowhere' && fault.includes('status of 404')))).toEqual([]);
      await close();
    });
  });

  test('a phone sees one pane at a time, and nothing wider than itself', async () => {
    const { page, faults, close } = await open({ viewport: { width: 390, height: 844 }, hasTouch: true });
    await page.goto(lesson);
    await startLab(page);
    const panes = page.getByRole('navigation', { name: 'Text, cluster or terminal' });
    expect(await page.getByRole('tab', { name: 'Requests' }).isVisible()).toBe(false);
    await panes.getByRole('button', { name: 'Cluster' }).click();
    expect(await page.getByRole('tab', { name: 'Requests' }).isVisible()).toBe(true);
    expect(await page.locator('.xterm').isVisible()).toBe(false);
    expect(await violations(page)).toEqual([]);
    await page.getByRole('tab', { name: 'Network' }).click();
    await page
      .getByRole('region', { name: 'Services and their EndpointSlices' })
      .getByRole('button', { name: 'kubernetes' })
      .first()
      .waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('tab', { name: 'Access' }).click();
    await page.getByLabel('Subject').selectOption('User system:kube-scheduler');
    await page.getByRole('button', { name: 'ClusterRole system:kube-scheduler' }).waitFor();
    expect(await violations(page)).toEqual([]);
    await panes.getByRole('button', { name: 'Text' }).click();
    expect(await page.getByRole('tab', { name: 'Requests' }).isVisible()).toBe(false);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    expect(faults).toEqual([]);
    await close();
  });

  test('a lesson and its lab can be read without JavaScript', async () => {
    const { page, close } = await open({ javaScriptEnabled: false });
    await page.goto(lesson);
    expect(await page.getByRole('heading', { name: 'First look' }).isVisible()).toBe(true);
    expect(await page.getByText('runs the image nginx:1.29 and is ready').isVisible()).toBe(true);
    await page.getByText('Why', { exact: true }).click();
    expect(await page.getByText('Parts never call each other').isVisible()).toBe(true);
    await close();
  });

  test('search finds a lesson', async () => {
    const { page, faults, close } = await open();
    await page.goto('/');
    await page.getByPlaceholder('Search').click();
    await page.keyboard.type('scheduler');
    await page.getByRole('listbox').getByText('scheduler').first().waitFor();
    expect(faults).toEqual([]);
    await close();
  });

  test('the same seed and input give the same trace in the browser as in Node', async () => {
    const { fingerprint } = await import('../../src/lab/fingerprint.ts');
    const { page, close } = await open();
    const worker = page.waitForEvent('worker');
    await page.goto('/');
    const url = (await worker).url();
    const inBrowser = await page.evaluate(
      (script) =>
        new Promise((resolve) => {
          const other = new Worker(script);
          other.onmessage = ({ data }) => resolve(data);
          other.onerror = ({ message }) => resolve(message);
          other.postMessage({ type: 'fingerprint', seed: 7 });
        }),
      url,
    );
    const { hash, records } = fingerprint(7);
    expect(inBrowser).toEqual({ type: 'fingerprint', hash, records });
    await close();
  });
});
