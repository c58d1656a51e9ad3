/** The real kubectl as a process. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { modeOf } from './area.ts';

export interface Result {
  readonly out: string;
  readonly err: string;
  readonly code: number | null;
}

/** A kubectl of this minor version by its name, on the PATH or beside where a kubectl of the PATH really lies. */
export function findKubectl(version: string): string | undefined {
  const directories = (process.env.PATH ?? '').split(delimiter);
  const besides = directories
    .map((directory) => join(directory, 'kubectl'))
    .filter(existsSync)
    .map((path) => dirname(realpathSync(path)));
  return [...directories, ...besides].map((directory) => join(directory, `kubectl.${version}`)).find(existsSync);
}

/** A folder to work in, with a kubeconfig. */
export class RealKubectl {
  readonly home = mkdtempSync(join(tmpdir(), 'kubectl-'));
  readonly #path: string;

  constructor(path: string, kubeconfig: string, files: Readonly<Record<string, string>>) {
    this.#path = path;
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.home, name)), { recursive: true });
      writeFileSync(join(this.home, name), text, { mode: modeOf(name) });
    }
    mkdirSync(join(this.home, 'bin'), { recursive: true });
    writeFileSync(join(this.home, 'config'), kubeconfig, { mode: 0o600 });
  }

  run(args: readonly string[], stdin = ''): Promise<Result> {
    const env = {
      PATH: `${join(this.home, 'bin')}:/usr/bin:/bin`,
      HOME: this.home,
      KUBECONFIG: join(this.home, 'config'),
      // On by itself from 1.34 on.
      KUBECTL_KUBERC: 'true',
      TZ: 'UTC',
    };
    return new Promise((resolve) => {
      const child = spawn(this.#path, args, { cwd: this.home, env });
      let [out, err] = ['', ''];
      child.stdout.on('data', (data: Buffer) => void (out += data.toString()));
      child.stderr.on('data', (data: Buffer) => void (err += data.toString()));
      child.stdin.on('error', () => {}); // It may end without reading.
      child.stdin.end(stdin);
      child.on('close', (code) => resolve({ out, err, code }));
    });
  }

  close(): void {
    rmSync(this.home, { recursive: true });
  }
}
