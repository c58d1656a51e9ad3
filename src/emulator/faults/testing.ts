/** A cluster to break and to mend, with a shell on each machine. */
import { expect } from 'vitest';
import { startScript } from '../../lab/script.ts';
import { programs } from '../../terminal/programs.ts';
import type { Cluster, ClusterSpec } from '../cluster/index.ts';
import { createCluster } from '../cluster/index.ts';
import { textOf } from '../kernel/index.ts';
import { injectFault } from './inject.ts';
import { parseFaultLine } from './plan.ts';

/** `machine: command`, or a command on the control plane. */
export type Line = string;

/** What a command prints while the fault is there, and what it prints when it is not. */
export interface Symptom {
  readonly look: Line;
  readonly shows: RegExp;
}

export interface Case {
  readonly fault: string;
  /** What is there before. */
  readonly given?: string | undefined;
  readonly symptoms: readonly Symptom[];
  /** What somebody might try, and how long that gets to work. */
  readonly wrong: Line;
  /** A line, or what somebody outside of the machines does. */
  readonly mend: Line | ((cluster: Cluster) => void);
  /** Virtual milliseconds after which a mend has worked. */
  readonly heals: number;
  /** Which symptoms are still told afterwards: they are history. */
  readonly stays?: readonly number[];
}

export function brokenCluster(spec: ClusterSpec = {}): Cluster {
  return createCluster({ nodes: 2, seed: 7, programs, ...spec });
}

/** Runs a line to its end, for at most a minute, and gives what it printed. */
export function run(cluster: Cluster, line: Line): string {
  const [, on = 'control-plane', text = line] = /^(control-plane|node-\d): (.*)$/s.exec(line) ?? [];
  let printed = '';
  const running = startScript(cluster.kernel, cluster.machine(on)!, {
    text: `${text}\n`,
    thinkMs: 0,
    onOutput: (_, bytes) => (printed += textOf(bytes)),
  });
  for (let i = 0; i < 600 && running.exitCode === undefined; i++) cluster.advance(100);
  return printed;
}

export function breakIt(cluster: Cluster, line: string): void {
  let why: string | undefined = 'it did not end';
  const planned = parseFaultLine(line.split(' '), { nodes: cluster.nodeNames });
  injectFault(cluster, planned, (end) => (why = end.ok ? undefined : end.why));
  cluster.advance(1000);
  expect(why).toBe(undefined);
  cluster.advance(planned.fault.showsAfterMs);
}

/** Breaks, looks, tries what does not help, looks, mends, looks. */
export function prove(cluster: Cluster, { fault, given, symptoms, wrong, mend, heals, stays = [] }: Case): void {
  if (given) run(cluster, given);
  cluster.advance(5000);
  for (const { look, shows } of symptoms) expect(run(cluster, look), `before: ${look}`).not.toMatch(shows);
  breakIt(cluster, fault);
  for (const { look, shows } of symptoms) expect(run(cluster, look), `broken: ${look}`).toMatch(shows);
  run(cluster, wrong);
  cluster.advance(heals);
  for (const { look, shows } of symptoms) expect(run(cluster, look), `after what does not help: ${look}`).toMatch(shows);
  if (typeof mend === 'string') run(cluster, mend);
  else mend(cluster);
  cluster.advance(heals);
  for (const [i, { look, shows }] of symptoms.entries())
    if (!stays.includes(i)) expect(run(cluster, look), `mended: ${look}`).not.toMatch(shows);
}
