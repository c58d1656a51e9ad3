import type { Pod, Service } from '../../api/generated/types.ts';
import type { Index } from '../../client/index.ts';
import type { Labels } from '../../machinery/objects.ts';
import { selects } from './service-endpoint.ts';

/** Pods by their labels: those of one template share the object, so that a Service is compared with it once. */
export const bySharedLabels = ({ metadata }: Pod): Labels | undefined => metadata.labels;

const none: readonly Service[] = [];

/** Which Services select a Pod, found once for all Pods that share their labels and namespace. */
export class SelectingServices {
  readonly #servicesIn: Index<Service>;
  #known = new WeakMap<Labels, { readonly namespace: string; readonly services: readonly Service[] }>();

  constructor(servicesIn: Index<Service>) {
    this.#servicesIn = servicesIn;
  }

  /** The Services as they were when first asked for; their selectors are current if `forget` is called when one changes. */
  of(pod: Pod): readonly Service[] {
    const { labels, namespace = '' } = pod.metadata;
    if (!labels) return none;
    const known = this.#known.get(labels);
    if (known?.namespace === namespace) return known.services;
    const services = [...this.#servicesIn.get(namespace).values()].filter((service) => selects(service, pod));
    this.#known.set(labels, { namespace, services });
    return services;
  }

  forget(): void {
    this.#known = new WeakMap();
  }
}
