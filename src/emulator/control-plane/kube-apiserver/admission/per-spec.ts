import type { Pod, PodSpec } from '../../../api/generated/types.ts';
import type { ApiObject } from '../../../machinery/objects.ts';

/**
 * Remembers what a plugin made of a Pod's spec, by identity: Pods of one template go through admission once, and go on
 * sharing their parts. `variant` tells apart what else the answer depends on (the service account's version, say).
 */
export class PerSpec {
  readonly #made = new WeakMap<PodSpec, Map<string, PodSpec>>();

  apply(object: ApiObject, variant: string, make: (spec: PodSpec) => PodSpec): Pod {
    const pod = object as Pod;
    const spec = pod.spec!;
    let variants = this.#made.get(spec);
    if (!variants) this.#made.set(spec, (variants = new Map()));
    let made = variants.get(variant);
    if (!made) variants.set(variant, (made = make(spec)));
    return made === spec ? pod : { ...pod, spec: made };
  }
}
