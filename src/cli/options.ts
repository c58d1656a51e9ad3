/** Reading of options and files that several commands share. */
import fs from 'node:fs';
import { decodeClass } from '../lab/class-code.ts';
import type { ClassCode } from '../lab/class-code.ts';
import type { CniChoice } from '../emulator/cluster/index.ts';
import { labSummaries, loadLab } from '../lab/generated/labs.ts';
import type { LoadedLab } from '../lab/load.ts';
import { playground, workerNames } from '../lab/playground.ts';
import { UsageError } from './usage-error.ts';

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A duration such as `500ms`, `1s`, `10m` or `1h`, in milliseconds. */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text)
    throw new UsageError(`${text}: not a duration such as 500ms, 1s, 10m or 1h`);
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * unitMs[unit!]!, 0);
}

export function parseCount(name: string, lowest: number, highest: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < lowest || value > highest)
      throw new UsageError(`${name} ${text}: not a whole number from ${lowest} to ${highest}`);
    return value;
  };
}

const reasons: Readonly<Record<string, string>> = { ENOENT: 'no such file', EISDIR: 'a folder, not a file', EACCES: 'not readable' };

export function readText(path: string): string {
  return readBytes(path).toString('utf8');
}

export function readBytes(path: string): Buffer {
  try {
    return fs.readFileSync(path);
  } catch (error) {
    throw new UsageError(`${path}: ${reasons[(error as NodeJS.ErrnoException).code ?? ''] ?? (error as Error).message}`);
  }
}

/** Finds a lab by its path, the last part of it, or its id. */
export async function findLab(name: string): Promise<LoadedLab> {
  const wanted = name.replace(/^(\.\/)?labs\//, '').replace(/\/$/, '');
  const found = (labSummaries as readonly { id: string; path: string }[]).filter(
    ({ id, path }) => path === wanted || id === wanted || path.split('/')[1] === wanted,
  );
  if (found.length === 0) throw new UsageError(`${name}: there is no such lab; see \`labs list\``);
  if (found.length > 1) throw new UsageError(`${name}: ambiguous, could be ${found.map(({ path }) => path).join(' or ')}`);
  return loadLab(found[0]!.path);
}

/** What a command may ask to be otherwise than in the lab. */
export interface ClusterOptions {
  readonly nodes?: number | undefined;
  readonly controlPlanes?: number | undefined;
  readonly seed?: number | undefined;
  readonly dualStack?: boolean | undefined;
  readonly ipv6?: boolean | undefined;
  readonly cni?: CniChoice | undefined;
}

/** A lab with another cluster than its own. */
export function withCluster(loaded: LoadedLab, { nodes, controlPlanes = 1, seed, dualStack, ipv6, cni }: ClusterOptions): LoadedLab {
  if (dualStack && ipv6) throw new UsageError('--dual-stack and --ipv6 exclude each other');
  const isAsItIs = [nodes, seed, dualStack, ipv6, cni].every((option) => option === undefined);
  if (isAsItIs && controlPlanes === 1) return loaded;
  const { cluster } = loaded.lab;
  const plain = nodes === undefined ? cluster.nodes : ['control-plane', ...workerNames(nodes)];
  const more = Array.from({ length: controlPlanes - 1 }, (_, i) => ({ name: `control-plane-${i + 2}`, role: 'control-plane' as const }));
  const own = [...plain.slice(0, 1), ...more, ...plain.slice(1)];
  const families = dualStack || ipv6 ? { dualStack, ipv6 } : {};
  const spec = { ...cluster, nodes: own, seed: seed ?? cluster.seed, ...families, cni: cni ?? cluster.cni };
  return { ...loaded, lab: { ...loaded.lab, cluster: spec } };
}

export async function openLab(name: string | undefined, options: ClusterOptions): Promise<LoadedLab> {
  return name === undefined
    ? withCluster(playground({ workers: options.nodes ?? 3, seed: options.seed ?? 1 }), {
        controlPlanes: options.controlPlanes,
        dualStack: options.dualStack,
        ipv6: options.ipv6,
        cni: options.cni,
      })
    : withCluster(await findLab(name), options);
}

export function parseClass(text: string): ClassCode {
  const code = decodeClass(text);
  if (!code) throw new UsageError(`--class ${text}: not a class code; \`labs class\` makes them`);
  return code;
}
