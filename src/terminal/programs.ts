/** Every program that machines and images may hold, by name: the shell's own, the network's, kubectl and the tools of a node. */
import type { Program } from '../emulator/kernel/index.ts';
import { kubectl } from './kubectl/index.ts';
import { nodeTools } from './node-tools/index.ts';
import { netPrograms } from './shell/programs/net/index.ts';
import { programs as shellPrograms } from './shell/programs/index.ts';

export const programs: ReadonlyMap<string, Program> = new Map<string, Program>([
  ...shellPrograms,
  ...netPrograms,
  ...nodeTools,
  ['kubectl', kubectl],
]);
