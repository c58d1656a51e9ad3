/**
 * ResourceQuota: charges what a write costs to the quotas of its namespace, and refuses it when one has not enough left.
 * It is asked last, so that nothing is charged that another plugin refuses. Upstream:
 * apiserver/pkg/admission/plugin/resourcequota/controller.go.
 *
 * What is charged for a write that storage then refuses is given back when the resourcequota controller adds up again.
 */
import type { ResourceQuota } from '../../../../api/generated/types.ts';
import { evaluatorOf, scopesOf } from '../../../../api/core/quota/index.ts';
import type { Evaluator } from '../../../../api/core/quota/index.ts';
import type { ResourceList } from '../../../../api/core/quota/resource-list.ts';
import { addLists, exceeding, negativeNames, pick, subtractLists, withoutZeros } from '../../../../api/core/quota/resource-list.ts';
import type { Call } from '../../../../kernel/index.ts';
import type { ApiObject } from '../../../../machinery/objects.ts';
import { conflict, forbidden, optimisticLockMessage } from '../../../../machinery/status-error.ts';
import type { StatusError } from '../../../../machinery/status-error.ts';
import type { ApiServer } from '../../server.ts';
import { storeStatus } from '../../verbs/store-status.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin.ts';

/** How often a charge is tried again when somebody else changed the quota meanwhile. */
const retries = 3;

/** `cpu=1,pods=2`, in the order of the names. */
const listText = (list: ResourceList): string =>
  Object.keys(list)
    .sort()
    .map((name) => `${name}=${list[name]}`)
    .join(',');

/** A quota with what it will have used. */
interface Charge {
  readonly quota: ResourceQuota;
  readonly used: ResourceList;
}

class Bill {
  readonly #server: ApiServer;
  readonly #attributes: AdmissionAttributes;
  readonly #evaluator: Evaluator;

  constructor(server: ApiServer, attributes: AdmissionAttributes, evaluator: Evaluator) {
    this.#server = server;
    this.#attributes = attributes;
    this.#evaluator = evaluator;
  }

  /** What to write into the quotas. Throws 403 when one does not allow it. */
  chargesFor(quotas: readonly ResourceQuota[]): readonly Charge[] {
    const { object } = this.#attributes;
    const concerned = quotas.filter((quota) => this.#isConcerned(quota, object));
    if (concerned.length === 0) return [];
    for (const quota of concerned) this.#demand(quota, object);
    const usage = this.#usage(object);
    const negative = negativeNames(usage);
    if (negative.length > 0) throw this.#refuse(`quota usage is negative for resource(s): ${[...negative].sort().join(',')}`);
    return concerned.flatMap((quota) => this.#charge(quota, this.#difference(quota, usage)) ?? []);
  }

  #usage(object: ApiObject): ResourceList {
    return this.#evaluator.usage(object, this.#server.kernel.clock.unixMs);
  }

  /** By what the controller has found: a quota that it has not seen yet limits nothing. */
  #isConcerned(quota: ResourceQuota, object: ApiObject): boolean {
    const counts = Object.keys(quota.status?.hard ?? {}).some((name) => this.#evaluator.counts(name));
    return counts && scopesOf(quota).every((scope) => this.#evaluator.matchesScope(object, scope));
  }

  #demand({ metadata, status }: ResourceQuota, object: ApiObject): void {
    const names = Object.keys(status!.hard!).filter((name) => this.#evaluator.counts(name));
    const missing = this.#evaluator.missing(object, names);
    if (missing !== undefined) throw this.#refuse(`failed quota: ${metadata.name}: ${missing}`);
    if (names.some((name) => status?.used?.[name] === undefined))
      throw this.#refuse(`status unknown for quota: ${metadata.name}, resources: ${names.sort().join(',')}`);
  }

  /** An update costs what it adds, unless the object comes into the quota's scopes by it. */
  #difference(quota: ResourceQuota, usage: ResourceList): ResourceList {
    const { operation, previous } = this.#attributes;
    const isAdded = operation !== 'UPDATE' || !previous || !this.#isConcerned(quota, previous);
    return withoutZeros(isAdded ? usage : subtractLists(usage, this.#usage(previous)));
  }

  #charge(quota: ResourceQuota, difference: ResourceList): Charge | undefined {
    const { hard = {}, used = {} } = quota.status!;
    const requested = pick(difference, Object.keys(hard));
    const names = Object.keys(requested);
    if (names.length === 0) return undefined;
    const next = addLists(used, requested);
    const over = this.#attributes.request.subresource === 'status' ? [] : exceeding(pick(next, names), hard);
    if (over.length === 0) return { quota, used: next };
    const of = (list: ResourceList): string => listText(pick(list, over));
    throw this.#refuse(`exceeded quota: ${quota.metadata.name}, requested: ${of(requested)}, used: ${of(used)}, limited: ${of(hard)}`);
  }

  #refuse(reason: string): StatusError {
    const { request, object } = this.#attributes;
    return forbidden(request.resource, object.metadata.name, reason);
  }
}

function quotasOf(server: ApiServer, namespace: string): readonly ResourceQuota[] {
  return server
    .store('resourcequotas')
    .list(namespace)
    .map(({ value }) => value as ResourceQuota);
}

function* charge(server: ApiServer, attributes: AdmissionAttributes, evaluator: Evaluator): Call<void> {
  const { request } = attributes;
  const bill = new Bill(server, attributes, evaluator);
  let charges = bill.chargesFor(quotasOf(server, request.namespace));
  if (request.isDryRun) return;
  const resource = server.registry.find('v1', 'resourcequotas')!;
  for (let attempt = 0; charges.length > 0; attempt++) {
    const failed = new Set<string>();
    for (const { quota, used } of charges) {
      const isStored = yield* storeStatus(
        server,
        { ...request, agent: 'kube-apiserver' },
        resource,
        { ...quota, status: { ...quota.status, used } } as ResourceQuota,
        quota,
      );
      if (!isStored) failed.add(quota.metadata.name);
    }
    if (failed.size === 0) return;
    if (attempt === retries) throw conflict(resource, [...failed][0]!, optimisticLockMessage);
    charges = bill.chargesFor(quotasOf(server, request.namespace).filter(({ metadata }) => failed.has(metadata.name)));
  }
}

export const resourceQuota: AdmissionPlugin = {
  name: 'ResourceQuota',
  resources: '*',
  operations: ['CREATE', 'UPDATE'],
  validate(server, attributes) {
    const { request, operation } = attributes;
    if (request.namespace === '' || server.store('resourcequotas').keyspace.size === 0) return;
    const evaluator = evaluatorOf(request.resource.group, request.resource.resource);
    if (!evaluator?.handles(operation, request.subresource)) return;
    if (server.store('resourcequotas').list(request.namespace).length === 0) return;
    return charge(server, attributes, evaluator);
  },
};
