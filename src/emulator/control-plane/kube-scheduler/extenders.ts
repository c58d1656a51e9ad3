/**
 * Extenders: servers outside of the scheduler that are asked about nodes over HTTP (pkg/scheduler/extender.go). Each call takes virtual
 * time, and no other Pod is scheduled meanwhile.
 *
 * Differs from Kubernetes: the verb preempt is not asked, a `urlPrefix` must name an address (the node's name server knows no Service),
 * and `tlsConfig` is not looked at.
 */
import type { Pod } from '../../api/generated/types.ts';
import type { Call, NetNamespace } from '../../kernel/index.ts';
import { isErrno, OpenFile, textOf, utf8 } from '../../kernel/index.ts';
import type { ExtenderConfiguration } from './configuration/types.ts';
import type { NodeInfo } from './cache/node-cache.ts';

/** By this name the queue knows Pods that an extender turned away: whatever happens makes them worth another try. */
export const extenderName = 'Extender';

/** Scores of extenders go to 10, those of plugins to 100 (MaxNodeScore / MaxExtenderPriority). */
const scale = 10;

/** Why a node will not do, by its name. */
interface Verdicts {
  readonly passed: readonly NodeInfo[];
  readonly failed: ReadonlyMap<string, { readonly reason: string; readonly isUnresolvable: boolean }>;
}

/** An extender that gave no answer of use; the message is what upstream reports of the Pod. */
export class ExtenderError extends Error {}

interface FilterResult {
  readonly nodes?: { readonly items?: readonly { readonly metadata: { readonly name: string } }[] };
  readonly nodenames?: readonly string[];
  readonly failedNodes?: Readonly<Record<string, string>>;
  readonly failedAndUnresolvableNodes?: Readonly<Record<string, string>>;
  readonly error?: string;
}

class Extender {
  readonly configuration: ExtenderConfiguration;
  readonly #net: NetNamespace;

  constructor(configuration: ExtenderConfiguration, net: NetNamespace) {
    this.configuration = configuration;
    this.#net = net;
  }

  /** Whether a Pod is its business: one that asks for a resource of its own, or every one. */
  isInterested({ spec }: Pod): boolean {
    const { managedResources } = this.configuration;
    if (managedResources.length === 0) return true;
    const names = new Set(managedResources.map(({ name }) => name));
    return [...spec.containers, ...(spec.initContainers ?? [])].some(({ resources }) =>
      [resources?.requests, resources?.limits].some((list) => Object.keys(list ?? {}).some((name) => names.has(name))),
    );
  }

  /** The answer's body. Throws an `ExtenderError`. */
  *ask(verb: string, body: object): Call<unknown> {
    const { urlPrefix, httpTimeoutMs, enableHTTPS } = this.configuration;
    const url = `${urlPrefix.replace(/\/$/, '')}/${verb}`;
    const [, scheme, host = '', port, path = '/'] = /^(https?):\/\/(\[[^\]]+\]|[^:/]+)(?::(\d+))?(\/.*)?$/.exec(url) ?? [];
    const tls = scheme === 'https' || enableHTTPS;
    const to = { ip: host.replace(/^\[|\]$/g, ''), port: Number(port ?? (tls ? 443 : 80)) };
    const failed = (why: string): ExtenderError => new ExtenderError(`Post "${url}": ${why}`);
    if (!/^[\d.]+$|:/.test(to.ip)) throw failed(`dial tcp: lookup ${to.ip}: no such host`);
    const headers = { host: port === undefined ? host : `${host}:${port}`, 'content-type': 'application/json' };
    try {
      const request = { method: 'POST', target: path, headers, body: utf8(JSON.stringify(body)) };
      const response = yield* this.#net.request(to, request, { tls, timeoutMs: httpTimeoutMs });
      if (response.status !== 200) throw new ExtenderError(`failed ${verb} with extender at URL ${url}, code ${response.status}`);
      if (typeof response.body !== 'string' && !(response.body instanceof OpenFile)) return response.body;
      const text = typeof response.body === 'string' ? textOf(response.body) : readAll(response.body);
      return JSON.parse(text);
    } catch (error) {
      if (error instanceof SyntaxError) throw new ExtenderError(error.message);
      if (isErrno(error, 'ETIMEDOUT')) throw failed('context deadline exceeded (Client.Timeout exceeded while awaiting headers)');
      if (isErrno(error)) throw failed(`dial tcp ${headers.host}: connect: ${error.message.toLowerCase()}`);
      throw error;
    }
  }
}

function readAll(file: OpenFile): string {
  let text = '';
  for (let part: string; (part = file.read(65_536) ?? '') !== ''; ) text += part;
  return textOf(text as never);
}

/** All extenders of the configuration, in their order. */
export class Extenders {
  readonly #all: readonly Extender[];
  readonly #log: (message: string) => void;

  constructor(configurations: readonly ExtenderConfiguration[], net: NetNamespace, log: (message: string) => void) {
    this.#all = configurations.map((one) => new Extender(one, net));
    this.#log = log;
  }

  get isEmpty(): boolean {
    return this.#all.length === 0;
  }

  #about(pod: Pod): readonly Extender[] {
    return this.#all.filter((one) => one.isInterested(pod));
  }

  /** What is left of the nodes when each extender was asked in turn. Throws an `ExtenderError` of one that may not be ignored. */
  *filter(pod: Pod, nodes: readonly NodeInfo[]): Call<Verdicts> {
    let passed = nodes;
    const failed = new Map<string, { readonly reason: string; readonly isUnresolvable: boolean }>();
    for (const extender of this.#about(pod)) {
      const { filterVerb, nodeCacheCapable } = extender.configuration;
      if (passed.length === 0) break;
      if (filterVerb === '') continue;
      const result = yield* this.#tolerant(extender, filterVerb, args(pod, passed, nodeCacheCapable));
      if (!result) continue;
      const { nodenames, nodes: list, failedNodes = {}, failedAndUnresolvableNodes = {} } = result as FilterResult;
      for (const [name, reason] of Object.entries(failedNodes)) failed.set(name, { reason, isUnresolvable: false });
      for (const [name, reason] of Object.entries(failedAndUnresolvableNodes)) failed.set(name, { reason, isUnresolvable: true });
      const names = new Set(nodenames ?? list?.items?.map(({ metadata }) => metadata.name) ?? []);
      passed = passed.filter(({ name }) => names.has(name));
    }
    return { passed, failed };
  }

  /** What extenders add to the scores of nodes, by name. */
  *scores(pod: Pod, nodes: readonly NodeInfo[]): Call<ReadonlyMap<string, number>> {
    const total = new Map<string, number>();
    for (const extender of this.#about(pod)) {
      const { prioritizeVerb, weight, nodeCacheCapable } = extender.configuration;
      if (prioritizeVerb === '') continue;
      try {
        const list = (yield* extender.ask(prioritizeVerb, args(pod, nodes, nodeCacheCapable))) as readonly {
          host: string;
          score: number;
        }[];
        for (const { host, score } of list) total.set(host, (total.get(host) ?? 0) + score * weight * scale);
      } catch (error) {
        // Upstream ignores one that has no opinion.
        if (!(error instanceof ExtenderError)) throw error;
        this.#log(`"Failed to run extender's priority function. No score given by this extender" err=${JSON.stringify(error.message)}`);
      }
    }
    return total;
  }

  /** Lets the extender bind that does so for this Pod. False when none does. Throws an `ExtenderError`. */
  *bind(pod: Pod, node: string): Call<boolean> {
    const binder = this.#about(pod).find(({ configuration }) => configuration.bindVerb !== '');
    if (!binder) return false;
    const { name, namespace, uid } = pod.metadata;
    const body = { podName: name, podNamespace: namespace, podUID: uid, node };
    const { error } = ((yield* binder.ask(binder.configuration.bindVerb, body)) ?? {}) as { readonly error?: string };
    if (error) throw new ExtenderError(error);
    return true;
  }

  *#tolerant(extender: Extender, verb: string, body: object): Call<unknown> {
    try {
      const result = yield* extender.ask(verb, body);
      const { error } = (result ?? {}) as FilterResult;
      if (error) throw new ExtenderError(error);
      return result;
    } catch (error) {
      if (!(error instanceof ExtenderError) || !extender.configuration.isIgnorable) throw error;
      this.#log(
        `"Skipping extender as it returned error and has ignorable flag set" extender="${extender.configuration.urlPrefix}" err=${JSON.stringify(error.message)}`,
      );
      return undefined;
    }
  }
}

/** ExtenderArgs: names only for one that has a cache of its own. */
function args(pod: Pod, nodes: readonly NodeInfo[], isCached: boolean): object {
  if (isCached) return { pod, nodenames: nodes.map(({ name }) => name) };
  return { pod, nodes: { apiVersion: 'v1', kind: 'NodeList', metadata: {}, items: nodes.map(({ node }) => node) } };
}
