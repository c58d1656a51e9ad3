/**
 * ResourceQuota: adds up what a namespace uses of its quotas (pkg/controller/resourcequota).
 *
 * - Admission charges as objects are written; this gives back what was deleted or has ended, and counts what was there
 *   before the quota.
 * - A kind is watched once the first quota counts it; without quotas nothing is.
 */
import { evaluatorOf, scopesOf } from '../../../api/core/quota/index.ts';
import type { Evaluator } from '../../../api/core/quota/index.ts';
import type { ResourceList } from '../../../api/core/quota/resource-list.ts';
import { addLists, pick, sameLists } from '../../../api/core/quota/resource-list.ts';
import { resourceQuotas } from '../../../api/core/resource-quota.ts';
import type { Pod, ResourceQuota } from '../../../api/generated/types.ts';
import type { Kind } from '../../../api/kind.ts';
import { kinds } from '../../../api/kinds.ts';
import type { Change, Index, Informer } from '../../../client/index.ts';
import type { Client, Workqueue } from '../../../client/index.ts';
import type { Call, Kernel } from '../../../kernel/index.ts';
import type { ApiObject } from '../../../machinery/objects.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { byNamespace } from '../indexes.ts';

/** --resource-quota-sync-period. */
const resyncMs = 300_000;

/** One kind that some quota counts. */
interface Counted {
  readonly evaluator: Evaluator;
  readonly informer: Informer<ApiObject>;
  readonly inNamespace: Index<ApiObject>;
}

const inNamespace = byNamespace as (object: ApiObject) => string | undefined;

class ResourceQuotaController {
  readonly #kernel: Kernel;
  readonly #context: ControllerContext;
  readonly #client: Client;
  readonly #quotas: Informer<ResourceQuota>;
  readonly #quotasIn: Index<ResourceQuota>;
  readonly #queue: Workqueue<string>;
  readonly #counted = new Map<Kind, Counted>();

  constructor(context: ControllerContext) {
    this.#kernel = context.kernel;
    this.#context = context;
    this.#client = context.client('resourcequota-controller');
    this.#quotas = context.informers.for(resourceQuotas);
    this.#quotasIn = this.#quotas.index(inNamespace);
    // Deletions come in crowds: one sum for all that a fraction of a second brings.
    this.#queue = context.queue({ name: 'resourcequota', restMs: 200, reconcile: (uid: string) => this.#reconcile(uid) });
    this.#quotas.onChange(({ type, object, previous }) => {
      // The status is written by admission and by this controller.
      if (type !== 'DELETED' && (!previous || previous.spec !== object.spec)) this.#queue.add(object.metadata.uid);
    });
    context.every(resyncMs, () => this.#resync());
  }

  *#resync(): Call<void> {
    for (const { metadata } of this.#quotas.values()) this.#queue.add(metadata.uid);
  }

  /** The kinds that a quota counts; begins to watch those that are new. */
  #countedBy(names: readonly string[]): readonly Counted[] {
    const found: Counted[] = [];
    for (const kind of kinds) {
      if (!kind.isNamespaced || !kind.verbs.includes('list')) continue;
      const evaluator = evaluatorOf(kind.group, kind.resource);
      if (evaluator && names.some((name) => evaluator.counts(name))) found.push(this.#count(kind, evaluator));
    }
    return found;
  }

  #count(kind: Kind, evaluator: Evaluator): Counted {
    let counted = this.#counted.get(kind);
    if (counted) return counted;
    const informer = this.#context.informers.for(kind);
    counted = { evaluator, informer, inNamespace: informer.index(inNamespace) };
    this.#counted.set(kind, counted);
    informer.onChange((change) => {
      if (this.#givesBack(evaluator, change)) this.#enqueue(change.object.metadata.namespace ?? '', evaluator);
    });
    return counted;
  }

  /** Whether a change may leave more of a quota than before. */
  #givesBack(evaluator: Evaluator, { type, object, previous }: Change<ApiObject>): boolean {
    if (type !== 'MODIFIED' || !previous) return type === 'DELETED';
    const [now, before] = [object as Pod, previous as Pod];
    if (now.spec === before.spec && now.status?.phase === before.status?.phase && object.kind === 'Pod') return false;
    const time = this.#kernel.clock.unixMs;
    return !sameLists(evaluator.usage(object, time), evaluator.usage(previous, time));
  }

  #enqueue(namespace: string, evaluator: Evaluator): void {
    for (const [uid, { spec }] of this.#quotasIn.get(namespace))
      if (Object.keys(spec?.hard ?? {}).some((name) => evaluator.counts(name))) this.#queue.add(uid);
  }

  *#reconcile(uid: string): Call<void> {
    const quota = this.#quotas.byUID(uid);
    if (!quota || quota.metadata.deletionTimestamp) return;
    const hard = quota.spec?.hard ?? {};
    const counted = this.#countedBy(Object.keys(hard));
    const late = counted.find(({ informer }) => !informer.hasSynced);
    if (late) {
      late.informer.onSync(() => this.#queue.add(uid));
      return;
    }
    const used = this.#usage(quota, counted);
    const { hard: knownHard, used: knownUsed } = quota.status ?? {};
    if (knownHard && knownUsed && sameLists(hard, knownHard) && sameLists(used, knownUsed)) return;
    yield* this.#client.updateStatus(resourceQuotas, { ...quota, status: { hard, used } });
  }

  /** Zero of all that is limited, and what the objects in the quota's scopes use. */
  #usage(quota: ResourceQuota, counted: readonly Counted[]): ResourceList {
    const names = Object.keys(quota.spec?.hard ?? {});
    const scopes = scopesOf(quota);
    const time = this.#kernel.clock.unixMs;
    let used: ResourceList = {};
    for (const { evaluator, inNamespace: index } of counted) {
      const own = names.filter((name) => evaluator.counts(name));
      used = { ...used, ...Object.fromEntries(own.map((name) => [name, used[name] ?? '0'])) };
      for (const object of index.get(quota.metadata.namespace!).values())
        if (scopes.every((scope) => evaluator.matchesScope(object, scope))) used = addLists(used, pick(evaluator.usage(object, time), own));
    }
    return used;
  }
}

export const resourceQuotaController: Controller = {
  name: 'resourcequota-controller',
  start(context) {
    new ResourceQuotaController(context);
  },
};
