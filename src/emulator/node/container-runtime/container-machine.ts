import type { Image } from '../../images/image.ts';
import type {
  DirectoryInode,
  FileInode,
  FileUser,
  Inode,
  Kernel,
  Machine,
  MachinePrivileges,
  MachineUser,
  NetNamespace,
  Process,
  Program,
} from '../../kernel/index.ts';
import { addDevices, directoryInode, FileSystem, fileInode, LazyFile, noBytes, utf8 } from '../../kernel/index.ts';
import { Cgroup, cgroupService, nodeService } from './cgroup.ts';
import type { Container, ContainerConfig, ProcessNamespace } from './container.ts';
import type { Sandbox } from './sandbox.ts';

/** Differs from Kubernetes: a Pod without a limit of process ids may have 1,024 of them, not as many as the node. */
const maxProcesses = 1024;

/** What a container's machine has of its runtime. */
interface MachineHost {
  readonly kernel: Kernel;
  /** The node's. */
  readonly machine: Machine;
  readonly cpuMilli: number;
  memoryChanged(): void;
  outOfMemory(container: Container): void;
}

/** A container as the kernel sees it. Its files are made when something first looks at them. */
export class ContainerMachine implements Machine {
  readonly hostname: string;
  readonly net: NetNamespace;
  /** The container's own, or those of the PID namespace that it joins. */
  readonly processes: Map<number, Process>;
  #nextPid = 1;
  readonly #namespace: ProcessNamespace | undefined;
  cpuMs = 0;
  readonly #host: MachineHost;
  readonly #container: Container;
  #cgroup: Cgroup | undefined;
  #fs: FileSystem | undefined;
  #services: Map<string, unknown> | undefined;

  constructor(host: MachineHost, container: Container) {
    this.#host = host;
    this.#container = container;
    this.hostname = container.sandbox.config.kernelHostname;
    this.net = container.sandbox.net;
    this.#namespace = container.config.processes?.();
    this.processes = this.#namespace?.processes ?? new Map();
  }

  /** What the Pod's limit leaves this container: its other containers and its sandbox count as well. */
  get maxProcesses(): number {
    const { config, containers } = this.#container.sandbox;
    if (config.pidsLimit === undefined) return maxProcesses;
    const others = new Set(containers.flatMap(({ machine }) => machine?.processes ?? []));
    others.delete(this.processes);
    let left = config.pidsLimit - 1;
    for (const processes of others) left -= processes.size;
    return Math.max(1, left);
  }

  get nextPid(): number {
    return this.#namespace?.nextPid ?? this.#nextPid;
  }

  set nextPid(pid: number) {
    if (this.#namespace) this.#namespace.nextPid = pid;
    else this.#nextPid = pid;
  }

  get id(): string {
    const { namespace, name } = this.#container.sandbox.config;
    return `${this.#host.machine.hostname}/${namespace}/${name}/${this.#container.config.name}`;
  }

  get kernel(): Kernel {
    return this.#host.kernel;
  }

  get user(): MachineUser | undefined {
    return this.#container.config.user;
  }

  get privileges(): MachinePrivileges | undefined {
    return this.#container.config.privileges;
  }

  get services(): Map<string, unknown> {
    return (this.#services ??= new Map<string, unknown>([
      [cgroupService, this.#makeCgroup()],
      [nodeService, this.#host.machine],
    ]));
  }

  /** Undefined while no program has asked for it. */
  get knownCgroup(): Cgroup | undefined {
    return this.#cgroup;
  }

  get cpuShare(): number {
    const { cpuMilli } = this.#container.limits;
    return cpuMilli > 0 && cpuMilli < 1000 ? cpuMilli / 1000 : 1;
  }

  #makeCgroup(): Cgroup {
    const host = this.#host;
    const container = this.#container;
    this.#cgroup = new Cgroup(
      {
        loop: host.kernel.loop,
        cpuMilli: host.cpuMilli,
        onOutOfMemory: () => host.outOfMemory(container),
        onMemory: () => host.memoryChanged(),
        podMemoryBytes: () =>
          container.sandbox.containers.reduce(
            (sum, one) => sum + (one.machine instanceof ContainerMachine ? (one.machine.knownCgroup?.memoryBytes ?? 0) : 0),
            0,
          ),
      },
      () => container.limits,
    );
    return this.#cgroup;
  }

  get fs(): FileSystem {
    return (this.#fs ??= this.#makeFiles());
  }

  /** Whether anything has touched the files yet. */
  get hasFiles(): boolean {
    return this.#fs !== undefined;
  }

  /** The image, if what lies below a path is certainly still as it has it: no mount hides it, and nothing has touched the files. */
  imageBelow(path: string): Image | undefined {
    const { image, mountPaths } = this.#container.config;
    if (this.#fs !== undefined || mountPaths.some((mount) => path.startsWith(mount) || mount.startsWith(path))) return undefined;
    return image;
  }

  #makeFiles(): FileSystem {
    const { kernel } = this.#host;
    const { loop } = kernel;
    const { config, sandbox } = this.#container;
    const fs = new FileSystem(() => loop.now, config.image.root());
    fs.link('/dev', devicesOf(kernel));
    const lazy = (make: () => string): FileInode => new LazyFile(() => utf8(make()), 0o644, loop.now);
    fs.link(
      '/etc/hostname',
      lazy(() => `${this.hostname}\n`),
    );
    fs.link(
      '/etc/hosts',
      lazy(() => hostsFile(sandbox)),
    );
    fs.link(
      '/etc/resolv.conf',
      lazy(() => sandbox.config.resolvConf()),
    );
    for (const { name, value } of sandbox.config.sysctls ?? [])
      fs.writeFile(`/proc/sys/${name.includes('/') ? name : name.replaceAll('.', '/')}`, utf8(`${value}\n`));
    fs.mount({ path: config.terminationMessagePath, root: fileInode(noBytes, 0o666), readOnly: false, source: '/dev/vda1', type: 'ext4' });
    for (const mount of config.mounts()) fs.mount(mount);
    fs.owner = config.user;
    fs.user = boundUser(config);
    if (config.isReadOnlyRoot) fs.mounts.unshift({ path: '', root: fs.root, readOnly: true, source: 'overlay', type: 'overlay' });
    return fs;
  }
}

/** Whom permission bits bind: all but root with its usual capability. */
function boundUser({ user, privileges }: ContainerConfig): FileUser | undefined {
  if (user?.uid) return user;
  return privileges && !privileges.capabilities.has('DAC_OVERRIDE') ? (user ?? { uid: 0, gid: 0, groups: [] }) : undefined;
}

const devices = new WeakMap<Kernel['loop'], DirectoryInode>();

/** /dev, one for all containers: what happens to it in one is seen in all, which nothing of the course depends on. */
function devicesOf({ loop, random }: Kernel): DirectoryInode {
  let directory = devices.get(loop);
  if (!directory) {
    const fs = new FileSystem(() => loop.now);
    addDevices(fs, random);
    fs.link('/dev/termination-log', fileInode());
    fs.link('/dev/shm', directoryInode(0o1777));
    directory = fs.inode('/dev') as DirectoryInode;
    devices.set(loop, directory);
  }
  return directory;
}

/** /etc/hosts as the kubelet writes it (pkg/kubelet/kubelet_pods.go, managedHostsFileContent). */
function hostsFile(sandbox: Sandbox): string {
  const lines = [
    '# Kubernetes-managed hosts file.',
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::0\tip6-localnet',
    'fe00::0\tip6-mcastprefix',
    'fe00::1\tip6-allnodes',
    'fe00::2\tip6-allrouters',
    ...sandbox.ips.map(
      (ip) =>
        `${ip}\t${sandbox.config.domain === undefined ? '' : `${sandbox.config.hostname}.${sandbox.config.domain}\t`}${sandbox.config.hostname}`,
    ),
  ];
  const aliases = sandbox.config.hostAliases ?? [];
  if (aliases.length > 0)
    lines.push('', '# Entries added by HostAliases.', ...aliases.map(({ ip, hostnames = [] }) => `${ip}\t${(hostnames ?? []).join('\t')}`));
  return `${lines.join('\n')}\n`;
}

const found = new WeakMap<Image, Map<string, Program>>();
const searchPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/**
 * The program of a command in an image, found without making the container's files. Undefined when it takes a closer
 * look: it lies under a mount, is a script, or is not there.
 */
export function programOf(container: Container): Program | undefined {
  const { image, mountPaths } = container.config;
  const name = container.argv[0];
  if (name === undefined) return undefined;
  let known = found.get(image);
  if (!known) found.set(image, (known = new Map()));
  const program = known.get(name);
  if (program) return mountPaths.some((path) => name.startsWith(path)) ? undefined : program;
  for (const path of name.startsWith('/') ? [name] : name.includes('/') ? [] : searchPath.map((directory) => `${directory}/${name}`)) {
    const inode = find(image.root(), path);
    if (inode?.kind !== 'file') continue;
    if (!inode.program || mountPaths.some((mount) => path.startsWith(`${mount}/`) || path === mount)) return undefined;
    known.set(name, inode.program);
    return inode.program;
  }
  return undefined;
}

function find(root: DirectoryInode, path: string): Inode | undefined {
  let directory: Inode | undefined = root;
  for (const part of path.split('/')) {
    if (part === '') continue;
    if (directory?.kind !== 'directory') return undefined;
    directory = directory.entries.get(part);
  }
  return directory;
}
