/** Small questions about objects that checks, history and the page ask in the same way. */
import type { EndpointSlice } from '../emulator/api/generated/types.ts';
import type { ListFilter } from './api.ts';

interface Condition {
  readonly type: string;
  readonly status: string;
}

export function conditionOf(object: { readonly status?: unknown }, type: string): string | undefined {
  const { conditions } = (object.status ?? {}) as { conditions?: readonly Condition[] };
  return conditions?.find((condition) => condition.type === type)?.status;
}

interface Labelled {
  readonly metadata: {
    readonly namespace?: string | undefined;
    readonly labels?: Readonly<Record<string, string>> | undefined;
    readonly deletionTimestamp?: string | undefined;
  };
  readonly status?: unknown;
}

export function matches(object: object, { namespace, labels, ready }: ListFilter): boolean {
  const { metadata } = object as Labelled;
  if (namespace !== undefined && metadata.namespace !== namespace) return false;
  if (labels && !Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value)) return false;
  return ready === undefined || ready === (metadata.deletionTimestamp === undefined && conditionOf(object as Labelled, 'Ready') === 'True');
}

/** Addresses behind a Service (`namespace/name`) in its EndpointSlices. */
export function readyAddresses(slices: readonly EndpointSlice[], service: string): { readonly ready: number; readonly total: number } {
  const [namespace, name] = service.split('/');
  const ready = new Set<string>();
  const total = new Set<string>();
  for (const slice of slices) {
    if (slice.metadata.namespace !== namespace || slice.metadata.labels?.['kubernetes.io/service-name'] !== name) continue;
    for (const endpoint of slice.endpoints ?? []) {
      for (const address of endpoint.addresses) {
        total.add(address);
        if (endpoint.conditions?.ready !== false) ready.add(address);
      }
    }
  }
  return { ready: ready.size, total: total.size };
}

/** `850ms`, `12s`, `2m13s`. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
