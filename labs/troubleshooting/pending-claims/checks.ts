import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

/** The volume that a claim of the namespace archive is bound to. */
async function volumeOf(lab: LabContext, claim: string) {
  const found = await lab.get('persistentvolumeclaims', `archive/${claim}`);
  expect(found?.status?.phase, lab.say`the claim ${claim} to be bound; see ${`kubectl describe pvc -n archive ${claim}`}`).toBe('Bound');
  return (await lab.get('persistentvolumes', found!.spec?.volumeName ?? ''))!;
}

/** The ready Pod of a Deployment of the namespace archive, and that it uses the claim. */
async function expectReader(lab: LabContext, name: string) {
  const [pod] = await lab.list('pods', { namespace: 'archive', labels: { app: name }, ready: true });
  expect(pod, lab.say`a ready Pod of the Deployment ${name}; see ${`kubectl describe pods -n archive -l app=${name}`}`).toBeDefined();
  const claims = (pod?.spec?.volumes ?? []).map((volume) => volume.persistentVolumeClaim?.claimName);
  expect(claims, lab.say`its Pod to use the claim ${name}`).toContain(name);
  return pod!;
}

export default function checks(lab: LabContext) {
  test('photos', async () => {
    const volume = await volumeOf(lab, 'photos');
    const className = volume.spec?.storageClassName ?? '';
    expect(
      await lab.get('storageclasses', className),
      lab.say`a class ${className} that exists; see ${'kubectl get storageclass'}`,
    ).toBeDefined();
    await expectReader(lab, 'photos');
  });

  test('prints', async () => {
    const volume = await volumeOf(lab, 'prints');
    expect(
      volume.metadata.annotations?.['pv.kubernetes.io/provisioned-by'],
      lab.say`a volume that a provisioner has made, not one made by hand; see ${'kubectl describe pvc -n archive prints'}`,
    ).toBeDefined();
    const running = await lab.list('pods', { namespace: 'nfs-provisioner', ready: true });
    expect(running.length, lab.say`the provisioner to run; see ${'kubectl get pods -n nfs-provisioner'}`).toBeGreaterThan(0);
  });

  test('films', async () => {
    await volumeOf(lab, 'films');
    const pod = await expectReader(lab, 'films');
    expect(pod.spec?.nodeName, lab.say`its Pod on the node of the projector; see ${'kubectl get pods -n archive -o wide'}`).toBe('node-2');
    const late = await lab.get('storageclasses', 'late');
    expect(late?.volumeBindingMode, lab.say`the class late as it was; see ${'kubectl get storageclass'}`).toBe('WaitForFirstConsumer');
  });

  test('ledger', async () => {
    const volume = await volumeOf(lab, 'ledger');
    expect(volume.metadata.name, lab.say`the claim ledger to have last year's volume; see ${'kubectl get pv'}`).toBe('ledger-1');
    expect(volume.spec?.hostPath?.path, 'the folder of the volume ledger-1; see `kubectl get pv ledger-1 -o yaml`').toBe('/srv/ledger');
    await expectReader(lab, 'ledger');
  });

  test('notes', async () => {
    const volume = await volumeOf(lab, 'notes');
    expect(['shelf-1', 'shelf-2', 'shelf-3'], lab.say`one of the three shelves; see ${'kubectl get pv -L tier'}`).toContain(
      volume.metadata.name,
    );
    expect(volume.spec?.capacity?.storage, lab.say`a volume of at least 8Gi; see ${'kubectl get pv'}`).toBe('10Gi');
    expect(
      volume.spec?.accessModes,
      lab.say`the volumes as they are: what a disk can do is not up to you; see ${'kubectl get pv'}`,
    ).toEqual(['ReadWriteOnce']);
    await expectReader(lab, 'notes');
  });
}
