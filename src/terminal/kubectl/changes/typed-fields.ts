/**
 * Fields that Go writes even when they are empty: kubectl decodes some objects into API types, and prints them with these.
 * Upstream: the fields without omitempty in k8s.io/api.
 */
import type { Json } from '../json.ts';
import { fieldAt, withField } from '../json.ts';
import { podSpecPath, withContainers } from '../pod-template.ts';

const strategies: Readonly<Record<string, string>> = { Deployment: 'strategy', DaemonSet: 'updateStrategy', StatefulSet: 'updateStrategy' };

/** The object as it looks after a detour over its API type. */
export function withTypedFields(object: Json): Json {
  if (object.kind === 'Service') {
    const ports = object.spec?.ports?.map((port: Json) => ({ targetPort: 0, ...port }));
    return { ...object, spec: { ...object.spec, ...(ports && { ports }) }, status: { loadBalancer: {}, ...object.status } };
  }
  const path = podSpecPath(object);
  if (path === undefined) return object;
  let typed = withContainers(object, (container) => (container.resources ? container : { ...container, resources: {} }));
  const strategy = strategies[object.kind];
  if (strategy !== undefined && typed.spec[strategy] === undefined) typed = withField(typed, ['spec', strategy], {});
  const metadata = [...path.slice(0, -1), 'metadata'];
  if (path.length > 1 && fieldAt(typed, ...metadata) === undefined) typed = withField(typed, metadata, {});
  return typed.status === undefined ? { ...typed, status: {} } : typed;
}
