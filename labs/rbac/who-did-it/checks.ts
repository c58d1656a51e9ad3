import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

const path = '/var/log/kubernetes/audit/audit.log';
const culprit = 'system:serviceaccount:market:reporter';

interface Entry {
  readonly verb?: string;
  readonly user?: { readonly username?: string };
  readonly objectRef?: { readonly resource?: string; readonly namespace?: string };
  readonly requestObject?: unknown;
  readonly responseObject?: unknown;
}

function parse(line: string): Entry[] {
  try {
    return [JSON.parse(line) as Entry];
  } catch {
    return [];
  }
}

export default function checks(lab: LabContext) {
  const entries = async (): Promise<readonly Entry[]> => ((await lab.file('control-plane', path)) ?? '').split('\n').flatMap(parse);

  test('log', async () => {
    const [server] = await lab.list('pods', { namespace: 'kube-system', labels: { component: 'kube-apiserver' }, ready: true });
    const command = server?.spec?.containers[0]?.command ?? [];
    expect(
      command.filter((word) => /^--audit-(policy-file|log-path)=/.test(word)).length,
      lab.say`a ready API server with both flags; see ${'kubectl get pod -n kube-system kube-apiserver-control-plane -o yaml'}, or ${'crictl ps -a'} when it does not answer`,
    ).toBe(2);
    const deletions = (await entries()).filter(({ verb, objectRef }) => verb === 'delete' && objectRef?.namespace === 'market');
    expect(deletions.length, lab.say`deletions in market in the log; see ${`tail ${path}`}`).toBeGreaterThan(0);
  });

  test('discreet', async () => {
    const told = (await entries()).filter(
      ({ objectRef, requestObject, responseObject }) =>
        objectRef?.resource === 'secrets' && (requestObject !== undefined || responseObject !== undefined),
    );
    expect(told.length, lab.say`no line that holds a Secret; see ${`grep '"resource":"secrets"' ${path} | tail -1`}`).toBe(0);
    const isSeen = (await entries()).some(({ objectRef }) => objectRef?.resource === 'secrets');
    expect(isSeen, lab.say`whoever reads a Secret to stand in the log; see ${`grep -c secrets ${path}`}`).toBe(true);
  });

  test('culprit', async () => {
    const verdict = await lab.get('configmaps', 'market/verdict');
    expect(verdict?.data?.user, lab.say`the user who deletes the price list; see ${`grep '"verb":"delete"' ${path} | tail -3`}`).toBe(
      culprit,
    );
  });

  test('stopped', async () => {
    const deleting = { verb: 'delete', resource: 'configmaps', namespace: 'market', name: 'prices' };
    const rights = (user: string): string => `kubectl auth can-i --list -n market --as=${user}`;
    expect(
      await lab.may({ user: culprit, ...deleting }),
      lab.say`the culprit not to be allowed to delete the price list; see ${rights(culprit)}`,
    ).toBe(false);
    for (const name of ['importer', 'janitor']) {
      const user = `system:serviceaccount:market:${name}`;
      expect(await lab.may({ user, ...deleting }), `whether ${name} still may delete ConfigMaps; see \`${rights(user)}\``).toBe(true);
      expect(
        await lab.may({ user, ...deleting, verb: 'create' }),
        `whether ${name} still may create ConfigMaps; see \`${rights(user)}\``,
      ).toBe(true);
    }
    const prices = await lab.get('configmaps', 'market/prices');
    expect(prices?.metadata.name, lab.say`the price list to be there; see ${'kubectl get configmaps -n market'}`).toBe('prices');
  });
}
