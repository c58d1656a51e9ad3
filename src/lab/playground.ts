/** A cluster without tasks: what the home page, `labs run` and `labs shell` open when no lab is named. */
import type { LabDefinition } from './format.ts';
import type { LoadedLab } from './load.ts';

export function playground({ workers = 3, seed = 1 } = {}): LoadedLab {
  const lab: LabDefinition = {
    id: '00000000-playground',
    path: 'playground',
    version: 1,
    title: 'Playground',
    summary: 'A cluster without tasks.',
    minutes: 1,
    difficulty: 1,
    concepts: [],
    prerequisites: [],
    exam: [],
    cluster: { nodes: ['control-plane', ...workerNames(workers)], seed, images: [] },
    terminals: ['control-plane'],
    tasks: [],
    start: [],
    files: {},
    debrief: '',
  };
  return { lab, checks: async () => () => {}, solutions: async () => ({ solution: '', alternatives: [], mistakes: [] }) };
}

export function workerNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `node-${i + 1}`);
}
