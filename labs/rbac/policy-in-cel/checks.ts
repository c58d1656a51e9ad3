import type { LabContext, Proposal, Resources } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

type Deployment = Proposal<Resources['deployments']>;

interface Made {
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly image?: string;
  readonly init?: string;
}

const team = { team: 'ovens' };

/** A Deployment that satisfies the rules of the house, but for what is given. */
function deployment({ namespace = 'billing', labels, image = 'registry.house/web:1', init }: Made): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'probe', namespace, labels },
    spec: {
      selector: { matchLabels: { app: 'probe' } },
      template: {
        metadata: { labels: { app: 'probe' } },
        spec: {
          containers: [
            { name: 'good', image: 'registry.house/good:1' },
            { name: 'c', image },
          ],
          ...(init ? { initContainers: [{ name: 'init', image: init }] } : {}),
        },
      },
    },
  };
}

export default function checks(lab: LabContext) {
  const verdict = (made: Made) => lab.accepts('deployments', deployment(made));
  const see = '`kubectl get validatingadmissionpolicies,validatingadmissionpolicybindings`';

  test('team', async () => {
    for (const labels of [undefined, { app: 'x' }]) {
      const { ok } = await verdict({ labels });
      expect(ok, `whether a Deployment with ${labels ? 'other labels' : 'no labels'} is taken in production; see ${see}`).toBe(false);
    }
    const { why } = await verdict({ labels: team });
    expect(why, `why a Deployment that does as it should is refused; see ${see}`).toBe('');
  });

  test('images', async () => {
    const cases: readonly Made[] = [{ image: 'nginx:1.29' }, { init: 'busybox:1.36' }, { image: 'evil.example/registry.house/web:1' }];
    for (const made of cases) {
      const image = made.image ?? made.init!;
      const { ok, why } = await verdict({ labels: team, ...made });
      expect(ok, `whether the image ${image} is taken in production; see ${see}`).toBe(false);
      expect(why, `the words with which ${image} is refused; see ${see}`).toContain(image);
    }
    expect((await verdict({ labels: team, init: 'registry.house/init:1' })).why, `why a good init container is refused; see ${see}`).toBe(
      '',
    );
  });

  test('elsewhere', async () => {
    const { why } = await verdict({ namespace: 'sandbox', image: 'nginx:1.29' });
    expect(why, `why the sandbox refuses what only production must; see ${see}`).toBe('');
  });

  test('scaled', async () => {
    const pods = await lab.list('pods', { namespace: 'shop', labels: { app: 'legacy' }, ready: true });
    expect(
      pods.map(({ spec }) => spec?.containers[0]?.image),
      lab.say`three ready Pods of what it always was; see ${'kubectl get deployment legacy -n shop'}`,
    ).toEqual(Array(3).fill('nginx:1.27'));
  });
}
