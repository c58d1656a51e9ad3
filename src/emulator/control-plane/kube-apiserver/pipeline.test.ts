import { describe, expect, test } from 'vitest';
import { pods } from '../../api/core/pod.ts';
import { namespaces } from '../../api/core/namespace.ts';
import { configMaps } from '../../api/core/config-map.ts';
import type { WatchEvent } from '../../client/client.ts';
import type { ApiObject } from '../../machinery/objects.ts';
import { StatusError } from '../../machinery/status-error.ts';
import { createTestControlPlane } from './testing.ts';

const configMap = (name: string, data: Record<string, string> = {}) => ({ metadata: { name, namespace: 'default' }, data });

function errorOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof StatusError) return `${error.code} ${error.reason}: ${error.message}`;
    throw error;
  }
  return '';
}

describe('the pipeline', () => {
  test('creates, reads, updates and deletes', () => {
    const { admin, run } = createTestControlPlane();
    const made = run(admin.call({ verb: 'create', kind: configMaps, object: configMap('a', { x: '1' }) })) as ApiObject;
    expect(made.metadata).toMatchObject({ name: 'a', namespace: 'default', creationTimestamp: '2025-09-01T00:00:00Z' });
    expect(run(admin.call({ verb: 'get', kind: configMaps, namespace: 'default', name: 'a' }))).toBe(made);
    const changed = run(admin.call({ verb: 'update', kind: configMaps, object: { ...made, data: { x: '2' } } })) as ApiObject;
    expect(Number(changed.metadata.resourceVersion)).toBeGreaterThan(Number(made.metadata.resourceVersion));
    expect(errorOf(() => run(admin.call({ verb: 'update', kind: configMaps, object: { ...made, data: { x: '3' } } })))).toBe(
      '409 Conflict: Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    );
    expect(run(admin.call({ verb: 'delete', kind: configMaps, namespace: 'default', name: 'a' }))).toBeUndefined();
    expect(errorOf(() => run(admin.call({ verb: 'get', kind: configMaps, namespace: 'default', name: 'a' })))).toBe(
      '404 NotFound: configmaps "a" not found',
    );
  });

  test('refuses who may not', () => {
    const { session, run } = createTestControlPlane();
    expect(errorOf(() => run(session('jane').call({ verb: 'list', kind: pods, namespace: 'default' })))).toBe(
      '403 Forbidden: pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default"',
    );
    expect(errorOf(() => run(session('jane').call({ verb: 'list', kind: namespaces })))).toBe(
      '403 Forbidden: namespaces is forbidden: User "jane" cannot list resource "namespaces" in API group "" at the cluster scope',
    );
  });

  test('watches from any revision', () => {
    const { admin, run, advance } = createTestControlPlane();
    const first = run(admin.call({ verb: 'create', kind: configMaps, object: configMap('a') })) as ApiObject;
    run(admin.call({ verb: 'create', kind: configMaps, object: configMap('b') }));
    run(admin.call({ verb: 'delete', kind: configMaps, namespace: 'default', name: 'a' }));
    const seen: string[] = [];
    const onEvent = ({ type, object }: WatchEvent<ApiObject>) => void seen.push(`${type} ${object.metadata.name}`);
    run(admin.watch(configMaps, { resourceVersion: first.metadata.resourceVersion }, { onEvent, onEnd: () => undefined }));
    advance(5);
    run(admin.call({ verb: 'create', kind: configMaps, object: configMap('c') }));
    advance(5);
    expect(seen).toEqual(['ADDED b', 'DELETED a', 'ADDED c']);
  });
});
