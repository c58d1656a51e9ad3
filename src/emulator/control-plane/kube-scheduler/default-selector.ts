import { replicaSets } from '../../api/apps/replica-set.ts';
import { services } from '../../api/core/service.ts';
import type { LabelSelector, Pod, ReplicaSet, Service } from '../../api/generated/types.ts';
import type { Index, Informer, InformerFactory } from '../../client/index.ts';
import type { Labels } from '../../machinery/objects.ts';

const byNamespace = ({ metadata }: Service): string | undefined => metadata.namespace;

/**
 * Which Pods belong together when a Pod has no spread constraints: those that its Services and its ReplicaSet select
 * (pkg/scheduler/framework/plugins/helper, DefaultSelector).
 */
export class DefaultSelectors {
  readonly #services: Index<Service>;
  readonly #sets: Informer<ReplicaSet>;
  #known = new WeakMap<Labels, LabelSelector | 'none'>();

  constructor(informers: InformerFactory) {
    const serviceInformer = informers.for(services);
    this.#services = serviceInformer.index(byNamespace);
    this.#sets = informers.for(replicaSets);
    serviceInformer.onChange(({ object, previous }) => object.spec?.selector !== previous?.spec?.selector && this.#forget());
    this.#sets.onChange(({ object, previous }) => object.spec.selector !== previous?.spec.selector && this.#forget());
  }

  of(pod: Pod): LabelSelector | undefined {
    const { labels } = pod.metadata;
    if (!labels) return undefined;
    let selector = this.#known.get(labels);
    if (!selector) this.#known.set(labels, (selector = this.#find(pod, labels) ?? 'none'));
    return selector === 'none' ? undefined : selector;
  }

  #forget(): void {
    this.#known = new WeakMap();
  }

  #find(pod: Pod, labels: Labels): LabelSelector | undefined {
    const matchLabels: Record<string, string> = {};
    for (const { spec } of this.#services.get(pod.metadata.namespace!).values()) {
      const selector = spec?.selector;
      if (selector && isSubset(selector, labels)) Object.assign(matchLabels, selector);
    }
    const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller);
    const own = owner?.kind === 'ReplicaSet' ? this.#sets.byUID(owner.uid)?.spec.selector : undefined;
    Object.assign(matchLabels, own?.matchLabels);
    const matchExpressions = own?.matchExpressions ?? [];
    return Object.keys(matchLabels).length + matchExpressions.length === 0 ? undefined : { matchLabels, matchExpressions };
  }
}

function isSubset(selector: Labels, labels: Labels): boolean {
  let any = false;
  for (const key in selector) {
    any = true;
    if (labels[key] !== selector[key]) return false;
  }
  return any;
}
