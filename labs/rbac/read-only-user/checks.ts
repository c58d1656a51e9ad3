import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

const groups = ['auditors'];

/** The subject of a request stands in it as plain text. `request` is base64 of PEM, which is base64 of DER. */
function requestOf(request: string): string {
  try {
    return atob(atob(request).replace(/-----[A-Z ]+-----|\s/g, ''));
  } catch {
    return '';
  }
}

export default function checks(lab: LabContext) {
  test('certificate', async () => {
    const requests = await lab.list('certificatesigningrequests');
    const hers = requests.filter(({ spec }) => /dana/.test(requestOf(spec.request)) && /auditors/.test(requestOf(spec.request)));
    expect(hers.length, lab.say`a request for CN=dana, O=auditors; see ${'kubectl get csr'}`).toBeGreaterThan(0);
    const signed = hers.filter(
      ({ spec, status }) => spec.signerName === 'kubernetes.io/kube-apiserver-client' && status?.certificate !== undefined,
    );
    expect(signed.length, lab.say`it approved and issued by the signer for API server clients; see ${'kubectl get csr'}`).toBeGreaterThan(
      0,
    );
  });

  test('herself', async () => {
    const kubeconfig = (await lab.file('control-plane', '/root/dana.kubeconfig')) ?? '';
    expect(kubeconfig, lab.say`a user with a client certificate in it; see ${'cat /root/dana.kubeconfig'}`).toMatch(/client-certificate/);
    const asked = lab.history.requests({ by: 'dana', verb: 'list', resource: 'pods', namespace: 'shop' });
    expect(
      asked.map(({ code }) => code),
      lab.say`dana to have been answered; see ${'kubectl --kubeconfig=/root/dana.kubeconfig get pods -n shop'}`,
    ).toContain(200);
  });

  test('reads', async () => {
    const wanted = [
      'get pods',
      'list pods',
      'watch pods',
      'get pods/log',
      'list services',
      'get deployments.apps',
      'list deployments.apps',
    ];
    for (const what of wanted) {
      const [verb, resource] = what.split(' ') as [string, string];
      expect(
        await lab.may({ user: 'erik', groups, verb, resource, namespace: 'shop' }),
        lab.say`the group to be allowed to ${what}; see ${'kubectl auth can-i --list --as=erik --as-group=auditors -n shop'}`,
      ).toBe(true);
    }
  });

  test('no-more', async () => {
    const forbidden = [
      { verb: 'get', resource: 'secrets', namespace: 'shop' },
      { verb: 'delete', resource: 'pods', namespace: 'shop' },
      { verb: 'create', resource: 'pods/exec', namespace: 'shop' },
      { verb: 'patch', resource: 'deployments.apps', namespace: 'shop' },
      { verb: 'list', resource: 'pods', namespace: 'kube-system' },
      { verb: 'list', resource: 'nodes' },
    ];
    for (const attempt of forbidden) {
      const where = attempt.namespace ? ` in ${attempt.namespace}` : '';
      expect(
        await lab.may({ user: 'dana', groups, ...attempt }),
        lab.say`${`${attempt.verb} ${attempt.resource}${where}`} to be forbidden; see ${'kubectl auth can-i --list --as=dana --as-group=auditors -n shop'}`,
      ).toBe(false);
    }
  });
}
