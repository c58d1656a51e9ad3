/**
 * NodeMetrics and PodMetrics of metrics.k8s.io: what nodes and containers use, served by an aggregated API server
 * (metrics-server) and not by the API server itself. Clients ask for them with these descriptors.
 */
import type { ApiObject } from '../../machinery/objects.ts';
import { defineKind } from '../define-kind.ts';

/** Quantities by resource: `cpu`, `memory`. */
export type ResourceUsage = Readonly<Record<string, string>>;

export interface NodeMetrics extends ApiObject {
  readonly timestamp: string;
  /** A duration as Go prints it: `15.02s`. */
  readonly window: string;
  readonly usage: ResourceUsage;
}

export interface ContainerMetrics {
  readonly name: string;
  readonly usage: ResourceUsage;
}

export interface PodMetrics extends ApiObject {
  readonly timestamp: string;
  readonly window: string;
  readonly containers: readonly ContainerMetrics[];
}

const group = { group: 'metrics.k8s.io', version: 'v1beta1', verbs: ['get', 'list'], isCustom: true } as const;

export const nodeMetrics = defineKind<NodeMetrics>({ ...group, kind: 'NodeMetrics', resource: 'nodes', singular: '', isNamespaced: false });
export const podMetrics = defineKind<PodMetrics>({ ...group, kind: 'PodMetrics', resource: 'pods', singular: '' });
