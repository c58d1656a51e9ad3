/** A lab's cluster: booted, with the start manifests applied, the learner's files in place and the registry stocked. */
import { createCluster } from '../emulator/cluster/index.ts';
import type { Cluster } from '../emulator/cluster/index.ts';
import { textOf, utf8 } from '../emulator/kernel/index.ts';
import type { ByteString, Kernel, Machine } from '../emulator/kernel/index.ts';
import type { ApiObject } from '../emulator/machinery/objects.ts';
import { programs } from '../terminal/programs.ts';
import { openTerminal } from '../terminal/terminal.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { ResourceName, Resources } from './api.ts';
import type { ClusterReader } from './context.ts';
import type { LabDefinition } from './format.ts';
import type { HistoryRecorder } from './history.ts';
import { startScript } from './script.ts';

/** Kinds that change all the time and that no task depends on. */
const unwatched: ReadonlySet<string> = new Set(['leases', 'events']);

export class LabCluster implements ClusterReader {
  readonly seed: number;
  /** Grows with every change that a task could depend on. */
  changeCount = 0;
  readonly #cluster: Cluster;
  readonly #objects = new Map<string, Map<string, ApiObject>>();

  constructor(cluster: Cluster, seed: number) {
    this.#cluster = cluster;
    this.seed = seed;
  }

  get kernel(): Kernel {
    return this.#cluster.kernel;
  }

  get nodes(): readonly string[] {
    return this.#cluster.nodeNames;
  }

  machine(name: string): Machine | undefined {
    return this.#cluster.machine(name);
  }

  list<R extends ResourceName>(resource: R): readonly Resources[R][] {
    return [...((this.#objects.get(resource) as Map<string, Resources[R]> | undefined)?.values() ?? [])];
  }

  readFile(machine: string, path: string): string | undefined {
    const { fs } = this.#cluster.machine(machine) ?? {};
    return fs?.find(path)?.kind === 'file' ? textOf(fs.readFile(path)) : undefined;
  }

  openTerminal(machine: string, onOutput: (bytes: ByteString) => void): Terminal | undefined {
    const host = this.#cluster.machine(machine);
    if (!host) return undefined;
    const terminal = openTerminal(this.kernel, host, { columns: 80, rows: 24 });
    terminal.tty.onOutput = onOutput;
    return terminal;
  }

  /** Follows what happens from now on, for checks and for history: the store's every change, and who asked for it. */
  record(history: HistoryRecorder): void {
    const { kernel } = this;
    kernel.trace.listen((record) => history.onTrace(record));
    this.#cluster.observe((kind, object, isDeleted) => {
      if (unwatched.has(kind.resource)) return;
      const { namespace, name } = object.metadata;
      const key = namespace ? `${namespace}/${name}` : name;
      let objects = this.#objects.get(kind.resource);
      if (!objects) this.#objects.set(kind.resource, (objects = new Map()));
      if (isDeleted) objects.delete(key);
      else objects.set(key, object);
      this.changeCount++;
      history.onVersion(kernel.loop.now, kind.resource as ResourceName, key, isDeleted ? undefined : (object as Resources[ResourceName]));
    });
  }
}

/** Boots the lab's cluster and brings it into the state in which the learner finds it. */
export function createLabCluster(lab: LabDefinition, seed: number): LabCluster {
  const { nodes, images } = lab.cluster;
  const cluster = createCluster({ nodes: nodes.map((node) => (typeof node === 'string' ? { name: node } : node)), images, seed, programs });
  const home = cluster.machine(lab.terminals[0]!)!;
  for (const [path, content] of Object.entries(lab.files)) home.fs.writeFile(`/root/${path}`, utf8(content));
  if (lab.start.length > 0) applyStart(cluster, home, lab);
  return new LabCluster(cluster, seed);
}

/** The start manifests go through kubectl and the API server like everything else. */
function applyStart(cluster: Cluster, home: Machine, lab: LabDefinition): void {
  const manifests = lab.start.map(({ text }) => text).join('\n---\n');
  let complaints = '';
  const running = startScript(cluster.kernel, home, {
    text: `kubectl apply -f - <<'END-OF-START'\n${manifests}\nEND-OF-START\n`,
    thinkMs: 0,
    onOutput: (stream, bytes) => {
      if (stream === 'stderr') complaints += textOf(bytes);
    },
  });
  cluster.settle();
  if (running.exitCode !== 0) throw new Error(`the start manifests of ${lab.path} were refused: ${complaints}`);
}

