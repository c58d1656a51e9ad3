/** A lab's cluster: booted, with the start manifests applied, the learner's files in place and the registry stocked. */
import { subjectAccessReviews } from '../emulator/api/authorization/access-review.ts';
import type { SubjectAccessReviewSpec } from '../emulator/api/generated/types.ts';
import { kinds } from '../emulator/api/kinds.ts';
import type { Kind } from '../emulator/api/kind.ts';
import { createCluster, onlookerAgent } from '../emulator/cluster/index.ts';
import type { Cluster } from '../emulator/cluster/index.ts';
import { textOf } from '../emulator/kernel/index.ts';
import type { ByteString, Call, Kernel, Machine } from '../emulator/kernel/index.ts';
import type { ApiObject } from '../emulator/machinery/objects.ts';
import { StatusError } from '../emulator/machinery/status-error.ts';
import { chooseFaults, FaultError, injectFault, planFault } from '../emulator/faults/index.ts';
import type { FaultEntry, PlannedFault } from '../emulator/faults/index.ts';
import { systemdService } from '../emulator/node/systemd/index.ts';
import type { Systemd } from '../emulator/node/systemd/index.ts';
import { programs } from '../terminal/programs.ts';
import { openTerminal } from '../terminal/terminal.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { Attempt, Proposal, Reach, ResourceName, Resources, UnitState, Verdict } from './api.ts';
import type { ClusterReader } from './context.ts';
import type { LabDefinition } from './format.ts';
import type { HistoryRecorder } from './history.ts';
import { hostDataNames } from './host-data.ts';
import { reach } from './reach.ts';
import { startScript } from './script.ts';

/** What checks and history look at. What is shown and never judged makes no task be looked at. */
export const watched: Readonly<Record<ResourceName, 'judged' | 'shown'>> = {
  apiservices: 'judged',
  certificatesigningrequests: 'judged',
  clusterrolebindings: 'judged',
  clusterroles: 'judged',
  configmaps: 'judged',
  daemonsets: 'judged',
  deployments: 'judged',
  endpoints: 'judged',
  endpointslices: 'judged',
  events: 'shown',
  ingresses: 'judged',
  jobs: 'judged',
  limitranges: 'judged',
  namespaces: 'judged',
  networkpolicies: 'judged',
  nodes: 'judged',
  persistentvolumeclaims: 'judged',
  persistentvolumes: 'judged',
  poddisruptionbudgets: 'judged',
  pods: 'judged',
  priorityclasses: 'judged',
  replicasets: 'judged',
  resourcequotas: 'judged',
  rolebindings: 'judged',
  roles: 'judged',
  secrets: 'judged',
  serviceaccounts: 'judged',
  services: 'judged',
  statefulsets: 'judged',
  storageclasses: 'judged',
  validatingadmissionpolicies: 'judged',
  validatingadmissionpolicybindings: 'judged',
  validatingwebhookconfigurations: 'judged',
};

export class LabCluster implements ClusterReader {
  readonly seed: number;
  /** Grows with every change that a task could depend on. */
  changeCount = 0;
  /** What breaks once a task is green, by the task. */
  readonly breaksAfter = new Map<string, readonly PlannedFault[]>();
  readonly emulated: Cluster;
  readonly #objects = new Map<string, Map<string, ApiObject>>();
  /** Asks the API server what would be. */
  readonly #onlooker: ReturnType<Cluster['client']>;

  constructor(cluster: Cluster, seed: number) {
    this.emulated = cluster;
    this.seed = seed;
    this.#onlooker = cluster.client(onlookerAgent, { isOnlooker: true });
  }

  get kernel(): Kernel {
    return this.emulated.kernel;
  }

  get nodes(): readonly string[] {
    return this.emulated.nodeNames;
  }

  machine(name: string): Machine | undefined {
    return this.emulated.machine(name);
  }

  list<R extends ResourceName>(resource: R): readonly Resources[R][] {
    return [...((this.#objects.get(resource) as Map<string, Resources[R]> | undefined)?.values() ?? [])];
  }

  readFile(machine: string, path: string): string | undefined {
    const { fs } = this.emulated.machine(machine) ?? {};
    return fs?.find(path)?.kind === 'file' ? textOf(fs.readFile(path)) : undefined;
  }

  readUnit(machine: string, name: string): UnitState | undefined {
    const systemd = this.emulated.machine(machine)?.services.get(systemdService) as Systemd | undefined;
    const state = systemd?.find(name);
    return state && { isActive: state.active === 'active', isEnabled: state.isEnabled };
  }

  reach(from: string, to: string): Reach {
    const find = <R extends ResourceName>(resource: R, namespace: string, name: string): Resources[R] | undefined =>
      (this.#objects.get(resource) as Map<string, Resources[R]> | undefined)?.get(`${namespace}/${name}`);
    return reach(this.emulated, find, from, to);
  }

  may({ user, groups = [], verb, resource, namespace, name }: Attempt): boolean {
    const [plural = '', subresource] = resource.split('/');
    const [kind, ...group] = plural.split('.');
    const account = /^system:serviceaccount:([^:]+):[^:]+$/.exec(user);
    const own = account ? ['system:serviceaccounts', `system:serviceaccounts:${account[1]}`] : [];
    const resourceAttributes = { verb, group: group.join('.'), resource: kind, subresource, namespace, name };
    return this.review({ user, groups: [...groups, ...own, 'system:authenticated'], resourceAttributes }).allowed;
  }

  /** What the API server's authorizers say to a question about anybody. Throws when it does not answer. */
  review(spec: SubjectAccessReviewSpec): { readonly allowed: boolean; readonly reason: string } {
    const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', metadata: {}, spec };
    const { status } = this.#ask(this.#onlooker.create(subjectAccessReviews, review));
    return { allowed: status?.allowed === true, reason: status?.reason ?? '' };
  }

  accepts(resource: ResourceName, object: Proposal<Resources[ResourceName]>): Verdict {
    try {
      this.#ask(this.#onlooker.create(kindOf(resource), object as unknown as ApiObject, { dryRun: true }));
      return { ok: true, why: '' };
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      return { ok: false, why: error.message };
    }
  }

  /** Runs a call that changes nothing, so that nobody can tell afterwards that it was made. Throws when it has to wait. */
  #ask<T>(call: Call<T>): T {
    let outcome: { readonly value: T } | { readonly error: unknown } | undefined;
    const { kernel } = this;
    const body = (function* (): Call<void> {
      try {
        outcome = { value: yield* call };
      } catch (error) {
        outcome = { error };
      }
    })();
    kernel.trace.muted(() => kernel.random.apart(() => kernel.fiber(body, { background: true })));
    if (!outcome) throw new Error('the API server does not answer at once');
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  }

  openTerminal(machine: string, onOutput: (bytes: ByteString) => void): Terminal | undefined {
    const host = this.emulated.machine(machine);
    if (!host) return undefined;
    const terminal = openTerminal(this.kernel, host, { columns: 80, rows: 24 });
    terminal.tty.onOutput = onOutput;
    return terminal;
  }

  /** Breaks what is broken when the learner arrives, and has the rest break in its time. Throws a `FaultError`. */
  breakWith(entries: readonly FaultEntry[], lab: LabDefinition): void {
    const { emulated, kernel, nodes, breaksAfter } = this;
    let showsAfterMs = 0;
    const later: (readonly [atMs: number, planned: PlannedFault])[] = [];
    for (const { fault, with: given, atMs, after } of entries) {
      const planned = planFault(fault, given, { nodes });
      if (after !== undefined) breaksAfter.set(after, [...(breaksAfter.get(after) ?? []), planned]);
      else if (atMs !== undefined) later.push([atMs, planned]);
      else {
        showsAfterMs = Math.max(showsAfterMs, planned.fault.showsAfterMs);
        injectFault(emulated, planned, (end) => {
          if (!end.ok) throw new FaultError(`${lab.path}: ${end.why}`);
        });
      }
    }
    emulated.advance(lab.cluster.brokenForMs ?? showsAfterMs);
    for (const [atMs, planned] of later) kernel.loop.after(atMs, this.#breakLater, planned, true);
  }

  /** A task is green: what was to break then breaks. */
  taskIsGreen(id: string): void {
    for (const planned of this.breaksAfter.get(id) ?? []) this.#breakLater(planned);
  }

  /** What cannot break any more, since the learner took it away, does not. */
  readonly #breakLater = (planned: PlannedFault): void => injectFault(this.emulated, planned, () => {}, { background: true });

  /** Follows what happens from now on, for checks and for history: who asked for what, and every version of what is there. */
  record(history: HistoryRecorder): void {
    const { kernel } = this;
    kernel.trace.listen((record) => history.onTrace(record));
    for (const resource of Object.keys(watched) as ResourceName[]) {
      const objects = new Map<string, ApiObject>();
      this.#objects.set(resource, objects);
      this.emulated.observe(kindOf(resource), (type, object) => {
        const { namespace, name } = object.metadata;
        const key = namespace ? `${namespace}/${name}` : name;
        const isDeleted = type === 'DELETED';
        if (isDeleted) objects.delete(key);
        else objects.set(key, object);
        if (watched[resource] === 'shown') return;
        this.changeCount++;
        history.onVersion(kernel.loop.now, resource, key, isDeleted ? undefined : (object as Resources[ResourceName]));
      });
    }
  }
}

function kindOf(resource: ResourceName): Kind {
  return kinds.find((kind) => kind.resource === resource)!;
}

/** Boots the lab's cluster and brings it into the state in which the learner finds it. `epochMs`: when it was born, if not as always. */
export function createLabCluster(lab: LabDefinition, seed: number, epochMs?: number): LabCluster {
  const cluster = createCluster({ ...lab.cluster, seed, programs, files: lab.files, epochMs });
  cluster.kernel.keepDecisions();
  for (const name of hostDataNames) cluster.kernel.hostData.offer(name);
  const home = cluster.machine(lab.terminals[0]!)!;
  if (lab.start.length > 0) applyStart(cluster, home, lab);
  const made = new LabCluster(cluster, seed);
  if (lab.cluster.faults) made.breakWith(chooseFaults(lab.cluster.faults, seed), lab);
  return made;
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
