import type { Pod, PodTemplateSpec } from '../../api/generated/types.ts';
import type { ApiObject, Labels } from '../../machinery/objects.ts';
import { Expectations } from './expectations.ts';
import { isPodActive, isPodReady } from './pod-state.ts';

interface Templated extends ApiObject {
  readonly spec: { readonly template?: PodTemplateSpec | undefined };
}

/**
 * What the controller knows of one ReplicaSet or ReplicationController beside the objects. The Pods are counted by difference: counting them anew
 * after each change would cost replicas times changes.
 */
export class ReplicaTally {
  readonly expectations = new Expectations();
  active = 0;
  ready = 0;
  fullyLabeled = 0;
  /** A Pod's labels or references changed, or there may be orphans: what belongs to it must be claimed anew. */
  mustClaim = true;
  #labels: Labels | undefined;

  /** Counts anew when the labels of the template, which `fullyLabeled` depends on, have changed. */
  follow(rs: Templated, pods: Iterable<Pod>): void {
    const labels = rs.spec.template?.metadata?.labels;
    if (labels === this.#labels) return;
    this.#labels = labels;
    this.active = this.ready = this.fullyLabeled = 0;
    for (const pod of pods) this.count(pod, 1);
  }

  count(pod: Pod, by: 1 | -1): void {
    if (!isPodActive(pod)) return;
    this.active += by;
    if (isPodReady(pod)) this.ready += by;
    if (this.#carriesAll(pod.metadata.labels)) this.fullyLabeled += by;
  }

  #carriesAll(labels: Labels | undefined): boolean {
    const wanted = this.#labels;
    if (wanted === undefined || wanted === labels) return true;
    for (const key in wanted) if (labels?.[key] !== wanted[key]) return false;
    return true;
  }
}
