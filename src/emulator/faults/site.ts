/** Where a fault takes hold: what somebody with root on the machines and an administrator's kubeconfig could lay hands on. */
import type { Kind } from '../api/kind.ts';
import type { SessionClient } from '../client/index.ts';
import type { Cluster } from '../cluster/index.ts';
import type { Call, FileSystem, Machine, Process } from '../kernel/index.ts';
import { basename, textOf, utf8 } from '../kernel/index.ts';
import type { ApiObject, Draft, ObjectRef } from '../machinery/objects.ts';
import { isAlreadyExists } from '../machinery/status-error.ts';
import type { ContainerRuntime } from '../node/container-runtime/index.ts';
import { runtimeService } from '../node/container-runtime/index.ts';
import type { Systemd, UnitState } from '../node/systemd/index.ts';
import { systemdService } from '../node/systemd/index.ts';
import { FaultError } from './fault.ts';

export function machineOf(cluster: Cluster, name: string): Machine {
  const machine = cluster.machine(name);
  if (!machine) throw new FaultError(`there is no machine ${name}`);
  return machine;
}

export function systemdOf(cluster: Cluster, node: string): Systemd {
  return machineOf(cluster, node).services.get(systemdService) as Systemd;
}

export function unitOf(cluster: Cluster, node: string, name: string): UnitState {
  const unit = systemdOf(cluster, node).find(name);
  if (!unit) throw new FaultError(`${node} has no unit ${name}`);
  return unit;
}

/** Changes a text file, as an editor does. */
export function editFile(fs: FileSystem, path: string, edit: (text: string) => string): void {
  if (fs.find(path)?.kind !== 'file') throw new FaultError(`there is no file ${path}`);
  const before = textOf(fs.readFile(path));
  const after = edit(before);
  if (after === before) throw new FaultError(`${path} has nothing to change`);
  fs.writeFile(path, utf8(after));
}

/** Works as the administrator with kubectl, from the control plane. */
export function* asAdministrator<T>(cluster: Cluster, work: (client: SessionClient) => Call<T>): Call<T> {
  const client = cluster.client('kubectl');
  try {
    return yield* work(client);
  } finally {
    client.close();
  }
}

/** Makes an object, or changes the one of that name into it. */
export function* put<T extends ApiObject>(client: SessionClient, kind: Kind<T>, object: Draft<T>): Call<void> {
  try {
    yield* client.create(kind, object);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const { namespace, name } = object.metadata;
    yield* merge(client, kind, { namespace, name: name! }, object);
  }
}

/** `kubectl patch --type merge`. */
export function* merge<T extends ApiObject>(client: SessionClient, kind: Kind<T>, ref: ObjectRef, body: object): Call<T> {
  return yield* client.patch(kind, ref, { type: 'application/merge-patch+json', body });
}

/** The running process of a program: the machine's own, or the first one of a container on it. Throws a `FaultError` when there is none. */
export function killProcess(cluster: Cluster, node: string, program: string): void {
  const machine = machineOf(cluster, node);
  const runtime = machine.services.get(runtimeService) as ContainerRuntime;
  const inContainers = [...runtime.containers.values()].flatMap(({ state, process }) => (state === 'running' && process ? [process] : []));
  const isIt = ({ argv, state }: Process): boolean => state !== 'zombie' && basename(argv[0]!) === program;
  const process = [...machine.processes.values(), ...inContainers].find(isIt);
  if (!process) throw new FaultError(`no process ${program} runs on ${node}`);
  cluster.kernel.signal(process, 'KILL');
}
