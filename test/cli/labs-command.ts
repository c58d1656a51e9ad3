/** The command `labs` as it is delivered, bundled afresh, and as a process. */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'vite';

/** Bundles the command into a folder of its own and returns its path. */
export async function bundleLabs(): Promise<string> {
  const outDir = mkdtempSync(join(tmpdir(), 'labs-'));
  await build({
    configFile: resolve('vite.config.mts'),
    logLevel: 'error',
    build: { outDir, rollupOptions: { input: { labs: resolve('src/cli/labs.ts') } } },
  });
  return join(outDir, 'labs.mjs');
}

export class LabsProcess {
  out = '';
  err = '';
  /** The exit code, once it has ended. */
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcessWithoutNullStreams;
  #changed: () => void = () => {};

  constructor(path: string, args: readonly string[], cwd: string) {
    this.#child = spawn(process.execPath, [path, ...args], { cwd });
    this.#child.stdout.on('data', (data: Buffer) => this.#take('out', data));
    this.#child.stderr.on('data', (data: Buffer) => this.#take('err', data));
    this.#child.stdin.on('error', () => {}); // It may end without reading.
    this.ended = new Promise((done) => {
      this.#child.on('close', (code) => {
        done(code);
        this.#changed();
      });
    });
  }

  /** Waits until the output has this in it, or the process has ended. */
  async shows(text: RegExp): Promise<string> {
    let isOver = false;
    void this.ended.then(() => (isOver = true));
    while (!isOver && !text.test(this.out)) await new Promise<void>((done) => (this.#changed = done));
    return text.exec(this.out)?.[0] ?? '';
  }

  write(text: string): void {
    this.#child.stdin.write(text);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  #take(stream: 'out' | 'err', data: Buffer): void {
    this[stream] += data.toString();
    this.#changed();
  }
}
