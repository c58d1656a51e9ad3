/**
 * PodMetrics of metrics.k8s.io: what containers use, served by an aggregated API server
 * (metrics-server) and not by the API server itself. Clients ask for them with this descriptor.
 */
import type { ApiObject } from '../../machinery/objects.ts';
import { defineKind } from '../define-kind.ts';

/** Quantities by resource: `cpu`, `memory`. */
type ResourceUsage = Readonly<Record<string, string>>;

interface ContainerMetrics {
  readonly name: string;
  readonly usage: ResourceUsage;
}

export interface PodMetrics extends ApiObject {
  readonly timestamp: string;
  /** A duration as Go prints it: `15.02s`. */
  readonly window: string;
  readonly containers: readonly ContainerMetrics[];
}

export const podMetrics = defineKind<PodMetrics>({
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  kind: 'PodMetrics',
  resource: 'pods',
  singular: '',
  verbs: ['get', 'list'],
  isCustom: true,
});
