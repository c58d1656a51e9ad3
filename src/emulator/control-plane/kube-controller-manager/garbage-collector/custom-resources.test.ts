import { expect, test } from 'vitest';
import { apiServices } from '../../../api/apiregistration/api-service.ts';
import { customResourceDefinitions } from '../../../api/apiextensions/custom-resource-definition.ts';
import { configMaps } from '../../../api/core/config-map.ts';
import { namespaces } from '../../../api/core/namespace.ts';
import type { Namespace } from '../../../api/generated/types.ts';
import type { Kind } from '../../../api/kind.ts';
import type { ApiObject } from '../../../machinery/objects.ts';
import { namespaceController } from '../namespace/index.ts';
import { createControllerTest } from '../testing.ts';
import type { ControllerTest } from '../testing.ts';
import { garbageCollector } from './index.ts';

const definition = {
  metadata: { name: 'owners.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'owners', kind: 'Owner' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};

function setUp(): { readonly t: ControllerTest; readonly owners: Kind; owned(name: string, owner: ApiObject, kind?: Kind): ApiObject } {
  const t = createControllerTest([namespaceController, garbageCollector]);
  t.create(customResourceDefinitions, definition);
  t.advance(1000);
  const owners = t.server.registry.find('example.com/v1', 'owners')!.descriptor;
  return {
    t,
    owners,
    owned: (name, { metadata }, kind = configMaps as unknown as Kind) =>
      t.create(kind, {
        metadata: {
          name,
          namespace: metadata.namespace,
          ownerReferences: [{ apiVersion: 'example.com/v1', kind: 'Owner', name: metadata.name, uid: metadata.uid }],
        },
      }),
  };
}

test('what a custom resource owned goes with it', () => {
  const { t, owners, owned } = setUp();
  const owner = t.create(owners, { metadata: { name: 'a', namespace: 'default' } });
  owned('mine', owner);
  owned('also-mine', owner, owners);
  t.advance(1000);
  expect(t.list(configMaps, 'default').map(({ metadata }) => metadata.name)).toContain('mine');
  t.delete(owners, 'a');
  t.advance(5000);
  expect(t.list(configMaps, 'default').map(({ metadata }) => metadata.name)).not.toContain('mine');
  expect(t.list(owners, 'default')).toEqual([]);
});

test('what is orphaned keeps living without its owner', () => {
  const { t, owners, owned } = setUp();
  const owner = t.create(owners, { metadata: { name: 'a', namespace: 'default' } });
  owned('child', owner, owners);
  t.advance(1000);
  t.delete(owners, 'a', { propagationPolicy: 'Orphan' });
  t.advance(5000);
  expect(t.list(owners, 'default').map(({ metadata }) => [metadata.name, metadata.ownerReferences ?? []])).toEqual([['child', []]]);
});

test('a Namespace goes with its custom resources', () => {
  const { t, owners } = setUp();
  t.create(namespaces, { metadata: { name: 'shop' } });
  t.create(owners, { metadata: { name: 'a', namespace: 'shop' } });
  t.delete(namespaces, 'shop');
  t.advance(20_000);
  expect(t.list(owners)).toEqual([]);
  expect(t.list(namespaces).map(({ metadata }) => metadata.name)).not.toContain('shop');
});

test('a Namespace waits for an API server that does not answer', () => {
  const { t } = setUp();
  t.create(apiServices, {
    metadata: { name: 'v1.far.example.com' },
    spec: {
      group: 'far.example.com',
      version: 'v1',
      service: { name: 'far', namespace: 'default' },
      groupPriorityMinimum: 10,
      versionPriority: 10,
    },
  });
  t.create(namespaces, { metadata: { name: 'shop' } });
  t.advance(1000);
  t.delete(namespaces, 'shop');
  t.advance(20_000);
  const condition = (t.get(namespaces, 'shop') as Namespace).status?.conditions?.find(
    ({ type }) => type === 'NamespaceDeletionDiscoveryFailure',
  );
  expect(condition).toMatchObject({ status: 'True', reason: 'DiscoveryFailed' });
  expect(condition?.message).toContain('far.example.com/v1: stale GroupVersion discovery: far.example.com/v1');
  t.delete(apiServices, 'v1.far.example.com');
  t.advance(20_000);
  expect(t.list(namespaces).map(({ metadata }) => metadata.name)).not.toContain('shop');
});
