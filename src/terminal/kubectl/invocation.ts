/** One run of kubectl: its flags and arguments, its streams, and, made when first asked for, its configuration, client and mapper. */

import type { Call, Headers, Sys } from '../../emulator/kernel/index.ts';
import { readAll, textOf } from '../../emulator/kernel/index.ts';
import type { Command } from './command.ts';
import type { Found } from './command-line.ts';
import { CommandError, ConnectionError, messageOf } from './errors.ts';
import type { FlagValues } from './flag-set.ts';
import type { ClientConfig } from './kubeconfig.ts';
import { clientConfig, inClusterConfig, kubeconfigPaths, loadKubeconfig } from './kubeconfig.ts';
import { discover } from './rest/discovery.ts';
import { createKlog, klogHeader } from './rest/klog.ts';
import { RestMapper } from './rest/mapper.ts';
import type { RestClient } from './rest/rest-client.ts';
import { createRestClient } from './rest/rest-client.ts';

/** The version that this kubectl reports. Upstream: v1.34.0. */
export const clientVersion = 'v1.34.0';

export class Invocation {
  readonly sys: Sys;
  readonly command: Command;
  /** The words of the command, `kubectl create deployment`. */
  readonly commandPath: string;
  readonly flags: FlagValues;
  readonly args: readonly string[];
  /** How many of `args` stood before `--`; -1 without one. */
  readonly dashAt: number;
  /** Which command a line names. */
  readonly find: (words: readonly string[]) => Found;
  #config: ClientConfig | undefined;
  #client: RestClient | undefined;
  #mapper: RestMapper | undefined;
  #stdinUsed = false;
  #lastWarning = false;

  constructor(parts: {
    readonly sys: Sys;
    readonly command: Command;
    readonly commandPath: string;
    readonly flags: FlagValues;
    readonly args: readonly string[];
    readonly dashAt: number;
    readonly find: (words: readonly string[]) => Found;
  }) {
    this.sys = parts.sys;
    this.command = parts.command;
    this.commandPath = parts.commandPath;
    this.flags = parts.flags;
    this.args = parts.args;
    this.dashAt = parts.dashAt;
    this.find = parts.find;
  }

  out(text: string): Call<void> {
    return this.sys.print(1, text);
  }

  err(text: string): Call<void> {
    return this.sys.print(2, text);
  }

  *warn(text: string): Call<void> {
    this.#lastWarning = true;
    yield* this.err(`${this.#hasColour() ? '\x1b[33;1mWarning:\x1b[0m' : 'Warning:'} ${text}\n`);
  }

  /** Whether anything was warned of, for --warnings-as-errors. */
  get hasWarned(): boolean {
    return this.#lastWarning;
  }

  get config(): ClientConfig {
    if (this.#config) return this.#config;
    const hasFile = kubeconfigPaths(this.sys, this.flags).some((path) => this.sys.fs.find(path));
    const inCluster = hasFile ? undefined : inClusterConfig(this.sys, this.flags);
    return (this.#config = inCluster ?? clientConfig(this.sys, loadKubeconfig(this.sys, this.flags, { resolvesPaths: true }), this.flags));
  }

  get namespace(): string {
    return this.config.namespace;
  }

  get client(): RestClient {
    return (this.#client ??= createRestClient(this.sys, this.config, {
      userAgent: `kubectl/${clientVersion} (linux/amd64) kubernetes/f28b4c9`,
      impersonate: this.#impersonation(),
      klog: createKlog(this.sys, this.flags.int('v')),
      timeoutMs: this.#requestTimeout(),
      onWarning: (text) => this.warn(text),
    }));
  }

  *mapper(): Call<RestMapper> {
    if (this.#mapper) return this.#mapper;
    const cacheDir = this.flags.string('cache-dir') || `${this.sys.env.get('HOME') ?? '/root'}/.kube/cache`;
    const refresh = () => discover(this.sys, this.client, { fresh: true, cacheDir });
    try {
      const discovery = yield* discover(this.sys, this.client, { fresh: false, cacheDir });
      return (this.#mapper = new RestMapper(discovery, { isFresh: false, refresh }));
    } catch (error) {
      // The memory cache asks again for each of the five lookups of a command, and logs each failure.
      if (error instanceof ConnectionError) for (let i = 0; i < 5; i++) yield* this.#logDiscovery(error);
      throw error;
    }
  }

  /** All of standard input; it can be asked for once. */
  *stdin(): Call<string> {
    if (this.#stdinUsed) throw new CommandError('standard input cannot be used for multiple arguments');
    this.#stdinUsed = true;
    return textOf(yield* readAll(this.sys, 0));
  }

  /** The text of a file that a flag names, `-` for standard input. */
  *readFile(path: string): Call<string> {
    if (path === '-') return yield* this.stdin();
    try {
      return textOf(this.sys.fs.readFile(this.sys.path(path)));
    } catch (error) {
      throw new CommandError(`open ${path}: ${messageOf(error).toLowerCase()}`);
    }
  }

  /** A wrong use of the command: the message, and where its help is. */
  usageError(message: string): CommandError {
    return new CommandError(message, { helpFor: this.commandPath });
  }

  /** Warnings are yellow on a terminal. Upstream: kubectl/pkg/util/term, AllowsColorOutput. */
  #hasColour(): boolean {
    const { env } = this.sys;
    return this.sys.isatty(2) && !['', 'dumb'].includes(env.get('TERM') ?? '') && !env.has('NO_COLOR');
  }

  *#logDiscovery(error: ConnectionError): Call<void> {
    const text = JSON.stringify(`couldn't get current server API group list: ${error.message}`);
    yield* this.err(`${klogHeader(this.sys, 'E', 'memcache.go:265]')} "Unhandled Error" err=${text}\n`);
  }

  #requestTimeout(): number | undefined {
    const text = this.flags.string('request-timeout');
    if (text === '' || text === '0') return undefined;
    const seconds = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text);
    if (!seconds)
      throw new CommandError(
        'Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)',
      );
    return Number(seconds[1]) * { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[(seconds[2] ?? 's') as 's'];
  }

  #impersonation(): Headers {
    const user = this.flags.string('as');
    const groups = this.flags.list('as-group');
    if (user === '' && groups.length === 0) return {};
    if (user === '') throw new CommandError(`requesting uid, groups or user-extra for ${this.config.user} without impersonating a user`);
    return {
      'impersonate-user': user,
      ...(groups.length > 0 && { 'impersonate-group': groups.join(',') }),
      ...(this.flags.string('as-uid') && { 'impersonate-uid': this.flags.string('as-uid') }),
    };
  }
}
