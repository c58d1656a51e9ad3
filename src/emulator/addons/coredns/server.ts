import type { Call, Listener, Sys } from '../../kernel/index.ts';
import type { DnsAnswer } from '../../node/network/index.ts';
import { emptyAnswer, isDnsQuery, truncated } from '../../node/network/index.ts';
import type { Directive, ServerBlock } from './corefile.ts';
import { CorefileError, PluginError } from './corefile.ts';
import type { Plugin, Request, Setup } from './plugin.ts';
import { type Counters, matchZone } from './plugin.ts';
import { absentPlugins, plugins as knownPlugins, serverDirectives } from './plugins/index.ts';

/** One server block, with its plugins in the order of a query's way. */
interface Chain {
  readonly block: ServerBlock;
  readonly plugins: readonly Plugin[];
}

export interface ServerParts {
  readonly sys: Sys;
  /** For the wording of errors. */
  readonly path: string;
  readonly log: Setup['log'];
  readonly exit: (code: number) => void;
  readonly counters: Counters;
}

/** All servers of one Corefile. A reload makes another and stops this one. */
export class Server {
  readonly #parts: ServerParts;
  readonly #chains: readonly Chain[];
  readonly #listeners: Listener[] = [];

  /** Throws a `CorefileError` when a plugin does not understand its lines. */
  constructor(parts: ServerParts, blocks: readonly ServerBlock[]) {
    this.#parts = parts;
    for (const block of blocks) for (const directive of block.directives) checkName(directive, parts.path);
    this.#chains = blocks.map((block) => this.#chain(block));
  }

  get plugins(): readonly Plugin[] {
    return this.#chains.flatMap(({ plugins }) => plugins);
  }

  /** Starts the plugins; names are not answered yet. */
  start(): void {
    for (const plugin of this.plugins) plugin.start?.();
  }

  /** Begins to answer. Throws EADDRINUSE. */
  listen(): void {
    for (const port of new Set(this.#chains.map(({ block }) => block.port))) {
      const server = (protocol: Request['protocol']) => ({
        datagram: (payload: unknown, peer: Request['peer']) =>
          isDnsQuery(payload) ? this.#reply({ query: payload, peer, protocol }, port) : undefined,
      });
      const { net } = this.#parts.sys;
      this.#listeners.push(net.listen(port, server('udp'), { protocol: 'UDP' }), net.listen(port, server('tcp')));
    }
    for (const plugin of this.plugins) plugin.listening?.();
  }

  stop(): void {
    for (const listener of this.#listeners.splice(0)) listener.close();
    for (const plugin of this.plugins) plugin.stop?.();
  }

  #chain(block: ServerBlock): Chain {
    const plugins: Plugin[] = [];
    for (const [name, create] of knownPlugins) {
      for (const directive of block.directives.filter((candidate) => candidate.name === name))
        plugins.push(create(this.#setup(block, directive, plugins)));
    }
    return { block, plugins };
  }

  #setup({ zones, port }: ServerBlock, directive: Directive, plugins: readonly Plugin[]): Setup {
    const { sys, path, log, exit, counters } = this.#parts;
    const fail = (problem: string, at: Directive = directive): never => {
      throw new PluginError(directive.name, problem, { path, line: at.line });
    };
    const refuse = (problem: string): never => {
      throw new PluginError(directive.name, problem);
    };
    const ask = (request: Request): Call<DnsAnswer> => this.#answer(request, port);
    return { sys, directive, zones, port, plugins, counters, log, fail, refuse, ask, exit };
  }

  *#reply(request: Request, port: number): Call<DnsAnswer> {
    const answer = yield* this.#answer(request, port);
    return request.protocol === 'udp' ? truncated(request.query, answer) : answer;
  }

  /** What each zone is served on, as the log says it at the start. */
  get addresses(): readonly string[] {
    return this.#chains.flatMap(({ block }) => block.zones.map((zone) => `${zone}:${block.port}`)).sort();
  }

  *#answer(request: Request, port: number): Call<DnsAnswer> {
    const chain = this.#chainOf(request.query.name, port);
    if (!chain) return emptyAnswer(request.query, 'REFUSED');
    const answer = yield* pass(chain.plugins, 0, request);
    return { ...answer, id: request.query.id };
  }

  /** The block with the longest zone that holds the name. */
  #chainOf(name: string, port: number): Chain | undefined {
    let best: Chain | undefined;
    let length = 0;
    for (const chain of this.#chains) {
      const zone = chain.block.port === port ? matchZone(chain.block.zones, name) : undefined;
      if (zone === undefined || zone.length <= length) continue;
      best = chain;
      length = zone.length;
    }
    return best;
  }
}

function* pass(plugins: readonly Plugin[], from: number, request: Request): Call<DnsAnswer> {
  for (let i = from; i < plugins.length; i++) {
    const plugin = plugins[i]!;
    if (plugin.serve) return yield* plugin.serve(request, (next) => pass(plugins, i + 1, next));
  }
  // Nobody answers for the name (plugin.NextOrFailure).
  return emptyAnswer(request.query, plugins.length === 0 ? 'REFUSED' : 'SERVFAIL');
}

function checkName({ name, line }: Directive, path: string): void {
  if (knownPlugins.has(name) || serverDirectives.has(name)) return;
  // Differs from Kubernetes: most of CoreDNS' plugins are not simulated; a Corefile that uses one is refused.
  throw new CorefileError(
    path,
    line,
    absentPlugins.has(name) ? `the plugin '${name}' is not simulated here` : `Unknown directive '${name}'`,
  );
}
