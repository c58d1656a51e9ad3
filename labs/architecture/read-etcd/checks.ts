import type { LabContext } from 'inside-kubernetes/lab';
import { expect, test } from 'vitest';

const original = 'b3Blbi1zZXNhbWU=';

export default function checks(lab: LabContext) {
  test('key', async () => {
    const text = await lab.file('control-plane', '/root/key');
    expect(text, lab.say`a file /root/key; see ${'cat /root/key'}`).toBeDefined();
    expect(text?.trim(), lab.say`the whole key, as ${'etcdctl get / --prefix --keys-only'} prints it`).toBe('/registry/secrets/safe/vault');
  });

  test('password', async () => {
    const text = await lab.file('control-plane', '/root/password');
    expect(text, lab.say`a file /root/password; see ${'cat /root/password'}`).toBeDefined();
    expect(text?.trim(), lab.say`the password as a person would type it; see ${'base64 --help'}`).toBe('open-sesame');
  });

  test('changed', async () => {
    const secret = await lab.get('secrets', 'safe/vault');
    expect(secret, lab.say`the Secret to be there still; see ${'kubectl get secrets -n safe'}`).toBeDefined();
    expect(secret?.data?.password, lab.say`a password that is not empty; see ${'kubectl get secret -n safe vault -o yaml'}`).toBeTruthy();
    expect(secret?.data?.password, 'the password, base64; see `kubectl get secret -n safe vault -o yaml`').not.toBe(original);
  });

  test('snapshot', async () => {
    const snapshot = await lab.file('control-plane', '/var/backups/etcd.db');
    expect(snapshot, lab.say`a file /var/backups/etcd.db; see ${'ls -l /var/backups'}`).toBeDefined();
    const secret = await lab.get('secrets', 'safe/vault');
    const holdsChange = snapshot!.includes(secret?.data?.password ?? '\0');
    expect(holdsChange, lab.say`the snapshot to hold the changed Secret: take it again with ${'etcdctl snapshot save'}`).toBe(true);
  });
}
