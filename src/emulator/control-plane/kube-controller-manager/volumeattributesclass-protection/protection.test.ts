import { expect, test } from 'vitest';
import { persistentVolumeClaims } from '../../../api/core/persistent-volume-claim.ts';
import { volumeAttributesClasses } from '../../../api/storage/volume-attributes-class.ts';
import { createControllerTest } from '../testing.ts';
import { volumeAttributesClassProtection } from './index.ts';

const gold = { metadata: { name: 'gold' }, driverName: 'd.example.com', parameters: { iops: '1' } };
const claim = {
  metadata: { name: 'c' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, volumeAttributesClassName: 'gold' },
};

test('a class is kept while a claim names it, and no longer', () => {
  const t = createControllerTest([volumeAttributesClassProtection]);
  t.create(volumeAttributesClasses, gold);
  t.create(persistentVolumeClaims, claim);
  t.settle();
  t.delete(volumeAttributesClasses, 'gold');
  t.settle();
  const { finalizers, deletionTimestamp } = t.get(volumeAttributesClasses, 'gold').metadata;
  expect([finalizers, deletionTimestamp !== undefined]).toEqual([['kubernetes.io/vac-protection'], true]);
  t.change(persistentVolumeClaims, 'c', (one) => ({ ...one, metadata: { ...one.metadata, finalizers: undefined } }));
  t.delete(persistentVolumeClaims, 'c');
  t.settle();
  expect(t.list(volumeAttributesClasses)).toEqual([]);
});

test('a class that nobody uses goes at once', () => {
  const t = createControllerTest([volumeAttributesClassProtection]);
  t.create(volumeAttributesClasses, gold);
  t.delete(volumeAttributesClasses, 'gold');
  t.settle();
  expect(t.list(volumeAttributesClasses)).toEqual([]);
});
