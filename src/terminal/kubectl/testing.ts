/** kubectl on a machine whose only way out is to the API server of a test control plane. */

import type { TestControlPlane } from '../../emulator/control-plane/kube-apiserver/testing.ts';
import { createTestControlPlane } from '../../emulator/control-plane/kube-apiserver/testing.ts';
import type { ByteString, Kernel, Machine, NetNamespace, Process, Program } from '../../emulator/kernel/index.ts';
import { createMachine, Errno, FdTable, FileSystem, OpenFile, programInode, Random, textOf, utf8 } from '../../emulator/kernel/index.ts';
import type { IssuedCertificate } from '../../emulator/machinery/x509/index.ts';
import { CertificateAuthority } from '../../emulator/machinery/x509/index.ts';
import { kubectl } from './index.ts';

const serverAddress = '172.18.0.2';
const epochMs = 1_756_684_800_000;

export const testKubeconfig = `apiVersion: v1
clusters:
- cluster:
    server: https://${serverAddress}:6443
  name: kubernetes
contexts:
- context:
    cluster: kubernetes
    user: kubernetes-admin
  name: kubernetes-admin@kubernetes
current-context: kubernetes-admin@kubernetes
kind: Config
users:
- name: kubernetes-admin
  user: {}
`;

/** Collects what is written to it. */
class Capture extends OpenFile {
  bytes = '';
  override read(): ByteString {
    return '' as ByteString;
  }
  override write(data: ByteString): number {
    this.bytes += data;
    return data.length;
  }
}

/** Gives its text, then ends. */
class Source extends OpenFile {
  #rest: ByteString;
  constructor(text: string) {
    super();
    this.#rest = utf8(text);
  }
  override read(max: number): ByteString {
    const data = this.#rest.slice(0, max) as ByteString;
    this.#rest = this.#rest.slice(max) as ByteString;
    return data;
  }
  override write(data: ByteString): number {
    return data.length;
  }
}

export interface Started {
  readonly process: Process;
  readonly out: string;
  readonly err: string;
  readonly code: number | undefined;
}

export interface Finished {
  readonly out: string;
  readonly err: string;
  readonly code: number;
}

export interface TestCluster {
  readonly control: TestControlPlane;
  readonly machine: Machine;
  /** Of the cluster's certificates. */
  readonly authority: CertificateAuthority;
  /** The administrator's. */
  readonly certificate: IssuedCertificate;
  /** Starts kubectl and runs it until it waits for something that does not come by itself. */
  start(args: readonly string[], stdin?: string): Started;
  /** Runs kubectl to its end. */
  kubectl(args: readonly string[], stdin?: string): Finished;
}

interface TestClusterOptions {
  /** Field descriptions for explain. */
  readonly docs?: Readonly<Record<string, unknown>>;
  /** Further programs of the machine, e.g. an editor. */
  readonly programs?: ReadonlyMap<string, Program>;
}

export function createTestCluster(options: TestClusterOptions = {}): TestCluster {
  const authority = new CertificateAuthority(new Random(7), 'kubernetes', epochMs);
  const admin = authority.issue({
    subject: { commonName: 'kubernetes-admin', organizations: ['kubeadm:cluster-admins', 'system:masters'] },
    usages: ['client auth'],
    notBeforeMs: epochMs,
  });
  const control = createTestControlPlane({ authentication: { clientCA: { authorities: [authority.certificate] } } });
  const { kernel } = control;
  kernel.hostData.offer('field-docs');
  kernel.hostData.provide('field-docs', options.docs ?? {});
  kernel.loop.run({ untilSettled: true });
  const machine = createMachine({
    hostname: 'control-plane',
    id: 'control-plane',
    fs: new FileSystem(() => kernel.loop.now),
    net: netTo(control, admin),
  });
  for (const path of ['/tmp', '/root/.kube', '/root/bin', '/bin']) machine.fs.mkdirs(path);
  for (const [name, program] of options.programs ?? []) machine.fs.link(`/bin/${name}`, programInode(program));
  machine.fs.writeFile('/root/.kube/config', utf8(testKubeconfig));
  const start = (args: readonly string[], stdin = ''): Started => startKubectl(kernel, machine, args, stdin);
  return {
    control,
    machine,
    authority,
    certificate: admin,
    start,
    kubectl: (args, stdin) => finish(kernel, start(args, stdin), args),
  };
}

/** Starts kubectl on a machine and runs it until it waits for something that does not come by itself. */
function startKubectl(kernel: Kernel, machine: Machine, args: readonly string[], stdin = ''): Started {
  const [out, err, fds] = [new Capture(), new Capture(), new FdTable()];
  for (const [fd, file] of [new Source(stdin), out, err].entries()) fds.set(fd, file);
  const env = new Map([
    ['HOME', '/root'],
    ['PATH', '/root/bin:/bin'],
  ]);
  const process = kernel.spawn({ machine, program: kubectl, argv: ['kubectl', ...args], fds, env, cwd: '/root', pgid: 'new' });
  kernel.loop.run({ untilMs: kernel.loop.now + 1 });
  return {
    process,
    get out() {
      return textOf(out.bytes as ByteString);
    },
    get err() {
      return textOf(err.bytes as ByteString);
    },
    get code() {
      return process.exit?.code;
    },
  };
}

function finish(kernel: Kernel, started: Started, args: readonly string[]): Finished {
  for (let i = 0; started.code === undefined && i < 100_000; i++) {
    const next = kernel.loop.nextDueMs;
    if (next === undefined) break;
    kernel.loop.run({ untilMs: next });
  }
  if (started.code === undefined) throw new Error(`kubectl ${args.join(' ')} never ended:\n${started.out}${started.err}`);
  return { out: started.out, err: started.err, code: started.code };
}

/** Runs kubectl on a machine to its end. */
export function runKubectl(kernel: Kernel, machine: Machine, args: readonly string[], stdin = ''): Finished {
  return finish(kernel, startKubectl(kernel, machine, args, stdin), args);
}

/** A network in which only the API server answers. */
function netTo(control: TestControlPlane, admin: unknown): NetNamespace {
  const refuse = (): never => {
    throw new Errno('ECONNREFUSED');
  };
  return {
    addresses: [serverAddress],
    listeners: [],
    *request(to, request) {
      if (to.ip !== serverAddress || to.port !== 6443) refuse();
      return yield* control.endpoint.http(request, { ip: '172.18.0.1', port: 40_000, isTls: true, certificate: admin });
    },
    *connect() {
      return refuse();
    },
    *datagram() {
      return refuse();
    },
    *ping() {
      return refuse();
    },
    listen: refuse,
    open: refuse,
  };
}
