import { replicaSets } from '../../api/apps/replica-set.ts';
import { statefulSets } from '../../api/apps/stateful-set.ts';
import { replicationControllers } from '../../api/core/replication-controller.ts';
import { services } from '../../api/core/service.ts';
import type { LabelSelector, Pod, ReplicaSet, ReplicationController, Service, StatefulSet } from '../../api/generated/types.ts';
import type { Change, Index, Informer, InformerFactory } from '../../client/index.ts';
import { equal } from '../../machinery/equality.ts';
import type { ApiObject, Labels } from '../../machinery/objects.ts';

const byNamespace = ({ metadata }: Service): string | undefined => metadata.namespace;

/**
 * Which Pods belong together when a Pod has no spread constraints: those that its Services and its controller select
 * (pkg/scheduler/framework/plugins/helper, DefaultSelector).
 */
export class DefaultSelectors {
  readonly #services: Index<Service>;
  readonly #sets: Informer<ReplicaSet>;
  readonly #statefulSets: Informer<StatefulSet>;
  readonly #controllers: Informer<ReplicationController>;
  #known = new WeakMap<Labels, LabelSelector | 'none'>();
  /** Pods of a StatefulSet have labels of their own each, and one selector together. */
  readonly #shared = new Map<string, LabelSelector>();

  constructor(informers: InformerFactory) {
    const serviceInformer = informers.for(services);
    this.#services = serviceInformer.index(byNamespace);
    this.#sets = informers.for(replicaSets);
    this.#statefulSets = informers.for(statefulSets);
    this.#controllers = informers.for(replicationControllers);
    const forget = ({ object, previous }: Change<ApiObject>): void => {
      const [is, was] = [selectorOf(object), previous && selectorOf(previous)];
      if (is === was || equal(is, was)) return;
      this.#known = new WeakMap();
      this.#shared.clear();
    };
    for (const informer of [serviceInformer, this.#sets, this.#statefulSets, this.#controllers])
      (informer as unknown as Informer<ApiObject>).onChange(forget);
  }

  of(pod: Pod): LabelSelector | undefined {
    const { labels } = pod.metadata;
    if (!labels) return undefined;
    let selector = this.#known.get(labels);
    if (!selector) this.#known.set(labels, (selector = this.#find(pod, labels) ?? 'none'));
    return selector === 'none' ? undefined : selector;
  }

  #find(pod: Pod, labels: Labels): LabelSelector | undefined {
    const matchLabels: Record<string, string> = {};
    for (const { spec } of this.#services.get(pod.metadata.namespace!).values()) {
      const selector = spec?.selector;
      if (selector && isSubset(selector, labels)) Object.assign(matchLabels, selector);
    }
    const own = this.#ofController(pod);
    Object.assign(matchLabels, own?.matchLabels);
    const matchExpressions = own?.matchExpressions ?? [];
    if (Object.keys(matchLabels).length + matchExpressions.length === 0) return undefined;
    const key = JSON.stringify([matchLabels, matchExpressions]);
    let selector = this.#shared.get(key);
    if (!selector) this.#shared.set(key, (selector = { matchLabels, matchExpressions }));
    return selector;
  }

  #ofController({ metadata }: Pod): LabelSelector | undefined {
    const owner = metadata.ownerReferences?.find(({ controller }) => controller);
    switch (owner?.kind) {
      case 'ReplicaSet':
        return this.#sets.byUID(owner.uid)?.spec.selector;
      case 'StatefulSet':
        return this.#statefulSets.byUID(owner.uid)?.spec.selector;
      case 'ReplicationController': {
        const matchLabels = this.#controllers.byUID(owner.uid)?.spec?.selector;
        return matchLabels && { matchLabels };
      }
      default:
        return undefined;
    }
  }
}

const selectorOf = (object: ApiObject): unknown => (object as { readonly spec?: { readonly selector?: unknown } }).spec?.selector;

function isSubset(selector: Labels, labels: Labels): boolean {
  let any = false;
  for (const key in selector) {
    any = true;
    if (labels[key] !== selector[key]) return false;
  }
  return any;
}
