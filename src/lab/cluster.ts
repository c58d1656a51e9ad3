/** A lab's cluster: booted, with the start manifests applied, the learner's files in place and the registry stocked. */
import { kinds } from '../emulator/api/kinds.ts';
import type { Kind } from '../emulator/api/kind.ts';
import { createCluster } from '../emulator/cluster/index.ts';
import type { Cluster } from '../emulator/cluster/index.ts';
import { textOf, utf8 } from '../emulator/kernel/index.ts';
import type { ByteString, Kernel, Machine } from '../emulator/kernel/index.ts';
import type { Call } from '../emulator/kernel/index.ts';
import type { ApiObject } from '../emulator/machinery/objects.ts';
import { readYaml } from '../emulator/machinery/yaml.ts';
import { programs } from '../terminal/programs.ts';
import { openTerminal } from '../terminal/terminal.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { ResourceName, Resources } from './api.ts';
import type { ClusterReader } from './context.ts';
import type { LabDefinition } from './format.ts';
import type { HistoryRecorder } from './history.ts';

/** What checks and history read. Events and Leases change all the time and are read afresh when asked for. */
const watched: readonly ResourceName[] = [
  'configmaps', 'daemonsets', 'deployments', 'endpoints', 'endpointslices', 'namespaces', 'nodes', 'pods', 'replicasets', 'secrets', 'serviceaccounts', 'services',
];

export class LabCluster implements ClusterReader {
  readonly seed: number;
  /** Grows with every change that a task could depend on. */
  changeCount = 0;
  readonly #cluster: Cluster;
  readonly #objects = new Map<ResourceName, Map<string, ApiObject>>();

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

  /** Follows every change from now on, for checks and for history. */
  record(history: HistoryRecorder): void {
    const { kernel } = this;
    kernel.trace.listen((record) => history.onTrace(record));
    for (const resource of watched) kernel.fiber(this.#follow(kindOf(resource), history), { background: true });
  }

  *#follow(kind: Kind, history: HistoryRecorder): Call<void> {
    const resource = kind.resource as ResourceName;
    const objects = new Map<string, ApiObject>();
    this.#objects.set(resource, objects);
    this.#cluster.observe(kind, (type, object) => {
      const { namespace, name } = object.metadata;
      const key = namespace ? `${namespace}/${name}` : name;
      if (type === 'DELETED') objects.delete(key);
      else objects.set(key, object);
      this.changeCount++;
      history.onVersion(this.kernel.loop.now, resource, key, type === 'DELETED' ? undefined : (object as Resources[ResourceName]));
    });
  }
}
