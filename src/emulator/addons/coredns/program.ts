import { sha512 } from '@noble/hashes/sha2.js';
import type { Call, Program, Sys } from '../../kernel/index.ts';
import { isErrno, textOf, toUint8Array, utf8 } from '../../kernel/index.ts';
import type { ServerBlock } from './corefile.ts';
import { CorefileError, parseCorefile } from './corefile.ts';
import { Counters, durationMs } from './plugin.ts';
import type { ServerParts } from './server.ts';
import { Server } from './server.ts';

const version = '1.12.1';
/** plugin/kubernetes waits this long for its first list before the server starts all the same. */
const startupTimeoutMs = 5000;
const syncPollMs = 100;
const reloadMs = 30_000;

/** plugin/reload looks this often: 30 s unless the Corefile says another interval. */
function reloadPeriod(blocks: readonly ServerBlock[]): number {
  const reload = blocks.flatMap(({ directives }) => directives).find(({ name }) => name === 'reload');
  return durationMs(reload?.args[0]) ?? reloadMs;
}

/** Where the Corefile lies, or the error of a flag. */
function corefilePath(argv: readonly string[]): { readonly path: string } | { readonly error: string } {
  let path = 'Corefile';
  for (let i = 1; i < argv.length; i++) {
    const match = /^--?(\w[\w.]*)(?:=(.*))?$/.exec(argv[i]!);
    if (match?.[1] !== 'conf') return { error: `flag provided but not defined: -${match?.[1] ?? argv[i]}` };
    path = match[2] ?? argv[++i] ?? '';
  }
  return { path };
}

function hasDirective(blocks: readonly ServerBlock[], name: string): boolean {
  return blocks.some(({ directives }) => directives.some((directive) => directive.name === name));
}

function lameduckMs(blocks: readonly ServerBlock[]): number {
  const health = blocks.flatMap(({ directives }) => directives).find(({ name }) => name === 'health');
  return durationMs(health?.block.find(({ name }) => name === 'lameduck')?.args[0]) ?? 0;
}

function fingerprint(text: string): string {
  return Array.from(sha512(toUint8Array(utf8(text))), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The server that runs, and the Corefile that it runs. */
class Running {
  readonly #sys: Sys;
  readonly #parts: ServerParts;
  #server: Server;
  text: string;
  blocks: readonly ServerBlock[];

  constructor(parts: ServerParts, text: string) {
    this.#sys = parts.sys;
    this.#parts = parts;
    this.text = text;
    this.blocks = parseCorefile(text, parts.path, parts.sys.env);
    this.#server = new Server(parts, this.blocks);
  }

  get server(): Server {
    return this.#server;
  }

  /** Changes over to another Corefile; one that is broken is reported, and the old one goes on. */
  replace(text: string): void {
    const { log } = this.#parts;
    this.text = text;
    log('INFO', 'Reloading');
    try {
      const blocks = parseCorefile(text, this.#parts.path, this.#sys.env);
      const next = new Server(this.#parts, blocks);
      this.#server.stop();
      this.#server = next;
      this.blocks = blocks;
      next.start();
      next.listen();
    } catch (error) {
      if (!(error instanceof CorefileError) && !isErrno(error)) throw error;
      log('ERROR', `Restart failed: ${error.message}`);
      log('ERROR', `plugin/reload: Corefile changed but reload failed: ${error.message}`);
      return;
    }
    log('INFO', `plugin/reload: Running configuration SHA512 = ${fingerprint(text)}`);
    log('INFO', 'Reloading complete');
  }
}

function* waitForCluster(sys: Sys, server: Server, log: ServerParts['log']): Call<void> {
  const waiting = server.plugins.filter((plugin) => plugin.isReady);
  const deadline = sys.nowMs + startupTimeoutMs;
  let nextLog = sys.nowMs + 500;
  while (waiting.some((plugin) => !plugin.isReady!())) {
    if (sys.nowMs >= deadline) return log('WARNING', 'plugin/kubernetes: starting server with unsynced Kubernetes API');
    if (sys.nowMs >= nextLog) {
      log('INFO', 'plugin/kubernetes: waiting for Kubernetes API before starting server');
      nextLog += 500;
    }
    yield* sys.sleep(syncPollMs);
  }
}

/** `coredns -conf FILE`. Names are answered once its caches are filled, or five seconds later. */
export const coredns: Program = function* (sys) {
  const options = corefilePath(sys.argv);
  if ('error' in options) {
    yield* sys.print(2, `${options.error}\n`);
    return 2;
  }
  const { path } = options;
  const file = sys.fs.find(sys.path(path));
  if (!file) {
    yield* sys.print(2, `open ${path}: no such file or directory\n`);
    return 1;
  }
  const log: ServerParts['log'] = (level, message) => void sys.fds.get(1).write(utf8(`[${level}] ${message}\n`));
  const exit = (code: number): void => {
    exitCode = code;
    sys.kernel.loop.after(0, () => sys.machine.processes.has(sys.pid) && sys.kill(sys.pid, 'TERM'), undefined);
  };
  let exitCode: number | undefined;
  let running: Running;
  try {
    running = new Running({ sys, path, log, exit, counters: new Counters() }, textOf(sys.fs.readFile(sys.path(path))));
  } catch (error) {
    if (!(error instanceof CorefileError)) throw error;
    yield* sys.print(2, `${error.message}\n`);
    return 1;
  }
  sys.own(() => running.server.stop());
  running.server.start();
  yield* waitForCluster(sys, running.server, log);
  running.server.listen();
  yield* sys.print(
    1,
    `${running.server.addresses.map((address) => `${address}\n`).join('')}[INFO] plugin/reload: Running configuration SHA512 = ${fingerprint(running.text)}\nCoreDNS-${version}\nlinux/amd64, go1.24.1, 707c7c1\n`,
  );
  for (const signal of ['TERM', 'INT'] as const) sys.onSignal(signal, 'catch');
  watchCorefile(sys, path, running);
  yield* sys.pause();
  const signal = sys.takeSignal();
  if (exitCode !== undefined) return exitCode;
  log('INFO', `SIG${signal}: Shutting down servers then terminating`);
  yield* lameduck(sys, lameduckMs(running.blocks), log);
  return 0;
};

function* lameduck(sys: Sys, ms: number, log: ServerParts['log']): Call<void> {
  if (ms === 0) return;
  log('INFO', `plugin/health: Going into lameduck mode for ${ms / 1000}s`);
  yield* sys.sleep(ms);
}

/** plugin/reload: looks at the file now and then, as background work. */
function watchCorefile(sys: Sys, path: string, running: Running): void {
  let isOver = false;
  sys.own(() => {
    isOver = true;
  });
  const look = (): void => {
    if (isOver) return;
    const text =
      hasDirective(running.blocks, 'reload') && sys.fs.find(sys.path(path)) ? textOf(sys.fs.readFile(sys.path(path))) : running.text;
    if (text !== running.text) running.replace(text);
    sys.kernel.loop.after(reloadPeriod(running.blocks), look, undefined, true);
  };
  sys.kernel.loop.after(reloadPeriod(running.blocks), look, undefined, true);
}
