/** One object as the page shows it: as YAML without what its managers wrote down, and with its Events. */
import type { Event } from '../../emulator/api/generated/types.ts';
import type { ApiObject } from '../../emulator/machinery/objects.ts';
import { toYaml } from '../../emulator/machinery/yaml.ts';
import type { ResourceName } from '../api.ts';
import type { LabCluster } from '../cluster.ts';
import type { EventView, ObjectRef, ObjectView } from './protocol.ts';

const maxEvents = 20;

/** Undefined when there is no such object (any more). */
export function objectView(cluster: LabCluster, startMs: number, { resource, namespace, name }: ObjectRef): ObjectView | undefined {
  const objects = cluster.list(resource as ResourceName);
  const object = objects.find(({ metadata }) => metadata.name === name && (metadata.namespace ?? '') === (namespace ?? ''));
  if (!object) return undefined;
  const { managedFields: _managedFields, ...metadata } = object.metadata;
  const { uid: _uid, resourceVersion: _revision, creationTimestamp: _created, generation: _generation, ...written } = metadata;
  const { status: _status, ...desired } = object as ApiObject & { readonly status?: unknown };
  const events = cluster
    .list('events')
    .filter(({ involvedObject }) => involvedObject.uid === metadata.uid || (resource === 'nodes' && involvedObject.uid === name))
    .map((event) => eventView(event, (time) => cluster.kernel.clock.virtualMs(time) - startMs))
    .sort((a, b) => b.atMs - a.atMs)
    .slice(0, maxEvents);
  return { yaml: toYaml({ ...object, metadata }), manifest: toYaml({ ...desired, metadata: written }), events };
}

function eventView(event: Event, sinceStart: (time: string) => number): EventView {
  const at = event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp;
  return {
    key: event.metadata.uid,
    type: event.type ?? '',
    reason: event.reason ?? '',
    message: event.message ?? '',
    count: event.series?.count ?? event.count ?? 1,
    atMs: sinceStart(at),
  };
}
