/** A cluster without tasks: what the home page, a lesson, `labs run` and `labs shell` open when no lab is named. */
import type { LabCluster, LabDefinition } from './format.ts';
import type { LoadedLab } from './load.ts';

/** What a lesson's front matter may say of the cluster in which its commands run, in the words of `lab.yaml`. */
export type LessonCluster = Partial<LabCluster>;

const path = 'playground';

export function playground({ workers = 3, seed = 1, cluster = {} as LessonCluster } = {}): LoadedLab {
  const { nodes = ['control-plane', ...workerNames(workers)] } = cluster;
  const [first] = nodes;
  const lab: LabDefinition = {
    id: '00000000-playground',
    path,
    version: 1,
    title: 'Playground',
    summary: 'A cluster without tasks.',
    minutes: 1,
    difficulty: 1,
    concepts: [],
    prerequisites: [],
    exam: [],
    cluster: { seed, images: [], ...cluster, nodes },
    terminals: [typeof first === 'string' ? first : first!.name],
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

/** What the page calls the playground of a lesson: the same text for equal clusters. */
export function playgroundPath(cluster: LessonCluster | undefined): string {
  return cluster ? `${path}:${JSON.stringify(cluster)}` : path;
}

export function isPlayground(place: string): boolean {
  return place === path || place.startsWith(`${path}:`);
}

/** The playground that `playgroundPath` has named. */
export function playgroundAt(place: string): LoadedLab {
  return place === path ? playground() : playground({ cluster: JSON.parse(place.slice(path.length + 1)) as LessonCluster });
}
