import { nodes as nodeKind } from '../api/core/node.ts';
import { pods as podKind } from '../api/core/pod.ts';
import type { Node, Pod } from '../api/generated/types.ts';
import type { Kind } from '../api/kind.ts';
import type { SessionClient } from '../client/index.ts';
import { connectClient, Informer } from '../client/index.ts';
import { cloudService } from '../control-plane/cloud-controller-manager/index.ts';
import { createDirectory, foundingMembers, writeDirectory } from '../control-plane/etcd/index.ts';
import type { Credential } from '../control-plane/kube-apiserver/endpoint.ts';
import { buildImages, images as knownImages, labImage } from '../images/index.ts';
import type { Address, Call, Machine, NetNamespace, Program, RunEnd } from '../kernel/index.ts';
import { base64, EventLoop, Kernel, LazyFile, Random, Trace, utf8, WallClock } from '../kernel/index.ts';
import { hostPort } from '../machinery/ipv6.ts';
import type { ApiObject } from '../machinery/objects.ts';
import { parseImageReference, Registry } from '../node/container-runtime/index.ts';
import type { Hardware } from '../node/kubelet/node-status.ts';
import { hardwareService } from '../node/kubelet/node-status.ts';
import { addGateway, Network, segment6 } from '../node/network/index.ts';
import type { Kubelet } from '../node/kubelet/index.ts';
import { kubeletService } from '../node/kubelet/index.ts';
import type { NodeNetwork } from '../node/network/index.ts';
import type { TimeSync } from '../node/systemd/index.ts';
import { timeSyncService } from '../node/systemd/index.ts';
import { balanceApiServers } from './api-balancer.ts';
import { addonManifests, networkManifests } from './addons.ts';
import { Cloud } from './cloud.ts';
import { initialize } from './kubeadm.ts';
import { controlPlaneManifests } from './manifests.ts';
import type { NodeMachine } from './node-machine.ts';
import { configurationFor, createNodeMachine } from './node-machine.ts';
import { apiServerPort, Pki } from './pki.ts';
import type { Power } from './power.ts';
import { powerService } from './power.ts';
import type { ClusterSpec, CniChoice } from './spec.ts';
import { defaultEpochMs, isControlPlane, nodeSpecs } from './spec.ts';
import { serveStorage } from './storage.ts';
import type { Subnets } from './subnets.ts';
import { subnetsOf } from './subnets.ts';
import { cloudKubeconfig, installCloudController, networkPolicyKubeconfig } from './unit-files.ts';
import { addonImages, controlPlaneImages, nodeImages } from './system-images.ts';

/** A cluster that has not come up by then never will. */
const bootLimitMs = 300_000;
/** How long a machine is down when it reboots. */
const rebootMs = 15_000;
/** How far `settle` lets virtual time go. */
const settleLimitMs = 600_000;

const noPrograms: ReadonlyMap<string, Program> = new Map();

/** An event of `observe`. */
export type Observer = (type: 'ADDED' | 'MODIFIED' | 'DELETED', object: ApiObject) => void;

/** How the emulator names itself where it looks on and is no part of the cluster. */
export const onlookerAgent = 'observer';

export class Cluster {
  readonly kernel: Kernel;
  readonly network: Network;
  readonly registry = new Registry();
  readonly pki: Pki;
  readonly nodes: readonly NodeMachine[];
  /** Those with a control plane, the first of all first. */
  readonly controlPlanes: readonly NodeMachine[];
  /** What is installed at boot beside kube-proxy and CoreDNS. */
  readonly addons: readonly string[];
  readonly cni: CniChoice;
  readonly subnets: Subnets;
  /** kubernetes-admin's own, as in /etc/kubernetes/admin.conf. */
  readonly adminClient: SessionClient;
  readonly #gateway: NodeNetwork;
  readonly #adminCredential: Credential;
  readonly #byName = new Map<string, NodeMachine>();

  constructor(spec: ClusterSpec) {
    const { seed = 1, programs = noPrograms, epochMs = defaultEpochMs } = spec;
    this.addons = spec.addons ?? [];
    this.cni = spec.cni ?? 'bridge';
    const loop = new EventLoop();
    this.kernel = new Kernel({ loop, clock: new WallClock(loop, epochMs), random: new Random(seed), trace: new Trace(loop) });
    this.network = new Network(this.kernel);
    const nodes = nodeSpecs(spec);
    this.subnets = subnetsOf(spec, nodes.length);
    this.#gateway = addGateway(this.network, addressesOf(this.subnets, -1));
    serveStorage(this.#gateway.namespace);
    this.#stockRegistry(spec, programs);
    const { cni, subnets } = this;
    const parts = { kernel: this.kernel, network: this.network, registry: this.registry, programs, cni, subnets };
    this.nodes = nodes.map((node, i) => createNodeMachine(parts, node, addressesOf(subnets, i)));
    for (const node of this.nodes) {
      this.#byName.set(node.spec.name, node);
      node.machine.services.set(powerService, this.#powerOf(node.spec.name));
    }
    this.controlPlanes = this.nodes.filter((node) => isControlPlane(node.spec));
    const isMany = this.controlPlanes.length > 1;
    const cloud = new Cloud(this.kernel, this.network);
    for (const { machine, systemd } of this.controlPlanes) {
      machine.services.set(cloudService, cloud);
      installCloudController(machine.fs, { elects: isMany });
      systemd.add('cloud-controller-manager.service');
    }
    const { namespace: net } = this.#gateway;
    if (isMany)
      balanceApiServers(this.kernel, this.network, { ip: this.#balancerIP, net, nodes: this.controlPlanes.map(({ network }) => network) });
    this.pki = new Pki(this.kernel, this.apiServer.ip);
    this.#adminCredential = this.#writeFiles(spec);
    this.adminClient = this.client('kubeadm');
  }

  /** Where clients find the API server: at its node, or at the load balancer before several. */
  get apiServer(): Address {
    return { ip: this.controlPlanes.length > 1 ? this.#balancerIP : this.nodes[0]!.network.ip, port: apiServerPort };
  }

  /** The network as a client outside of the nodes sees it. */
  get outside(): NetNamespace {
    return this.#gateway.namespace;
  }

  get nodeNames(): readonly string[] {
    return this.nodes.map(({ spec }) => spec.name);
  }

  get nowMs(): number {
    return this.kernel.loop.now;
  }

  machine(name: string): Machine | undefined {
    return this.#byName.get(name)?.machine;
  }

  /** A client of the cluster's administrator, who speaks from the control-plane node; from outside where there are several. */
  client(agent: string, { isOnlooker = false } = {}): SessionClient {
    return connectClient({
      kernel: this.kernel,
      net: this.controlPlanes.length > 1 ? this.#gateway.namespace : this.nodes[0]!.machine.net,
      server: this.apiServer,
      credential: this.#adminCredential,
      agent,
      isOnlooker,
    });
  }

  /** Calls back for every object of a kind that is there and for every change, as a watch does. Returns the way to stop. */
  observe(kind: Kind, observer: Observer): () => void {
    const client = this.client(onlookerAgent, { isOnlooker: true });
    const informer = new Informer(this.kernel, client, kind);
    informer.looksBack = true;
    informer.onChange(({ type, object }) => observer(type, object));
    informer.start();
    return () => {
      informer.stop();
      client.close();
    };
  }

  /** Lets virtual time pass. */
  advance(ms: number, budget?: number): RunEnd {
    return this.kernel.loop.run({ untilMs: this.kernel.loop.now + ms, ...(budget === undefined ? {} : { budget }) });
  }

  /** Lets virtual time pass until only periodic work is left. Throws when that does not come about. */
  settle(limitMs = settleLimitMs): void {
    const { loop } = this.kernel;
    const end = loop.run({ untilMs: loop.now + limitMs, untilSettled: true });
    if (end !== 'settled' && end !== 'idle')
      throw new Error(`the cluster did not settle within ${limitMs / 1000} s of virtual time: ${this.unrest}`);
  }

  /** What is still going on: the keys that run in circles, if there are any. */
  get unrest(): string {
    const { loop, hotLoops } = this.kernel;
    const circles = [...hotLoops].slice(0, 5).join(', ');
    return hotLoops.size === 0 ? `${loop.foreground} tasks are due` : `these run in circles: ${circles}`;
  }

  /** Turns a machine on. */
  powerOn(name: string): void {
    const node = this.#find(name);
    if (node.isPoweredOn) return;
    node.isPoweredOn = true;
    node.network.setUp(true);
    (node.machine.services.get(timeSyncService) as TimeSync).boot();
    node.systemd.boot();
    listenForSsh(node);
  }

  /** Cuts a machine's power: its processes and containers are gone, its disk stays. */
  powerOff(name: string): void {
    const node = this.#find(name);
    if (!node.isPoweredOn) return;
    node.isPoweredOn = false;
    // The kernel draws another one each time that it starts.
    (node.machine.services.get(hardwareService) as Hardware).bootID = this.kernel.random.uuid();
    node.systemd.powerOff();
    node.runtime.powerOff();
    this.kernel.killAll(node.machine);
    node.network.namespace.close();
    node.network.shape(undefined);
    node.network.firewall = undefined;
    node.network.setUp(false);
  }

  /** Boots every machine and lets time pass until all nodes and system Pods are Ready. Throws when that does not come about. */
  boot(): void {
    const { kernel } = this;
    const watch = new BootWatch(this);
    for (const { spec } of this.controlPlanes) this.powerOn(spec.name);
    const { ip } = this.apiServer;
    const url = `https://${hostPort(ip, apiServerPort)}`;
    kernel.fiber(
      initialize(kernel, this.adminClient, {
        url,
        controlPlaneEndpoint: this.controlPlanes.length > 1 ? hostPort(ip, apiServerPort) : undefined,
        controlPlanes: this.controlPlanes.map(({ spec }) => spec.name),
        podSubnet: this.subnets.pods,
        serviceSubnet: this.subnets.services,
        dnsIP: this.subnets.dns,
        podNetwork: this.cni === 'flannel' || this.cni === 'calico' ? networkManifests[this.cni](this.subnets.pods) : undefined,
        addons: this.addons,
        storageServer: this.#gateway.ip,
        kubeletConfiguration: configurationFor({}, this.subnets),
        certificateAuthority: () => base64(utf8(this.pki.authority.certificate.pem)),
      }),
    );
    for (const { spec } of this.nodes.slice(this.controlPlanes.length)) this.powerOn(spec.name);
    const { loop } = kernel;
    while (!watch.isReady) {
      const next = loop.nextDueMs;
      if (next === undefined || next > bootLimitMs)
        throw new Error(`the cluster did not come up within ${bootLimitMs / 1000} s of virtual time: ${watch.complaint}`);
      loop.run({ untilMs: next });
    }
    watch.stop();
  }

  #powerOf(name: string): Power {
    return {
      off: () => void this.kernel.fiber(this.#shutDown(name)),
      reboot: () =>
        void this.kernel.fiber(this.#shutDown(name, () => this.kernel.loop.after(rebootMs, () => this.powerOn(name), undefined))),
    };
  }

  /** As systemd turns a machine off: the kubelet holds it back until its Pods have ended, if it is configured so. */
  *#shutDown(name: string, then?: () => void): Call<void> {
    const kubelet = this.#find(name).machine.services.get(kubeletService) as Kubelet | undefined;
    if (kubelet) yield* kubelet.prepareForShutdown();
    this.powerOff(name);
    then?.();
  }

  /** The address of the load balancer before several API servers. */
  get #balancerIP(): string {
    return this.subnets.hasIPv4 ? balancerIP : balancerIP6;
  }

  #find(name: string): NodeMachine {
    const node = this.#byName.get(name);
    if (!node) throw new Error(`there is no machine ${name}`);
    return node;
  }

  #stockRegistry({ images = [] }: ClusterSpec, programs: ReadonlyMap<string, Program>): void {
    const own = images.map((image) => labImage(image, parseImageReference(image.name)?.repository ?? image.name));
    for (const definition of [...knownImages, ...nodeImages, ...controlPlaneImages, ...addonImages, ...own])
      for (const image of buildImages(definition, programs)) this.registry.add(image);
  }

  /** What `kubeadm init` and `kubeadm join --control-plane` leave on the disks of control planes, before anything runs. */
  #writeControlPlanes(): Credential {
    const { pki, subnets } = this;
    const places = this.controlPlanes.map(({ spec, network }) => ({ name: spec.name, ip: network.ip }));
    const members = foundingMembers(places.map(({ name, ip }) => `${name}=https://${hostPort(ip, 2380)}`));
    for (const [i, { machine, network }] of this.controlPlanes.entries()) {
      const { fs } = machine;
      const self = places[i]!;
      pki.write(fs, self, subnets.apiService);
      pki.writeKubeconfig(fs, ['/etc/kubernetes/admin.conf', '/root/.kube/config'], 'kubernetes-admin', ['kubeadm:cluster-admins']);
      pki.writeKubeconfig(fs, ['/etc/kubernetes/controller-manager.conf'], 'system:kube-controller-manager', [], network.ip);
      pki.writeKubeconfig(fs, ['/etc/kubernetes/scheduler.conf'], 'system:kube-scheduler', [], network.ip);
      pki.writeKubeconfig(fs, [cloudKubeconfig], 'system:cloud-controller-manager', [], network.ip);
      const { pods: podSubnet, services: serviceSubnet } = subnets;
      for (const [name, text] of controlPlaneManifests({ ...self, podSubnet, serviceSubnet, joins: places.slice(0, i) }))
        fs.writeFile(`/etc/kubernetes/manifests/${name}`, utf8(text), 0o600);
      if (places.length > 1) writeDirectory(fs, '/var/lib/etcd', createDirectory(this.kernel, members, members[i]!.id));
    }
    const first = this.controlPlanes[0]!.machine.fs;
    return pki.writeKubeconfig(first, ['/etc/kubernetes/super-admin.conf'], 'kubernetes-super-admin', ['system:masters']);
  }

  #writeFiles({ files = {} }: ClusterSpec): Credential {
    const { pki } = this;
    const superAdmin = this.#writeControlPlanes();
    const { fs } = this.nodes[0]!.machine;
    fs.mkdirs('/etc/kubernetes/addons');
    for (const [name, text] of Object.entries(addonManifests))
      fs.link(`/etc/kubernetes/addons/${name}.yaml`, new LazyFile(() => utf8(text()), 0o644, this.kernel.loop.now));
    for (const [name, text] of Object.entries(networkManifests))
      fs.writeFile(`/etc/kubernetes/addons/${name}.yaml`, utf8(text(this.subnets.pods)));
    for (const [path, text] of Object.entries(files)) fs.writeFile(`/root/${path}`, utf8(text));
    for (const node of this.nodes) {
      const hasControlPlane = isControlPlane(node.spec);
      if (!hasControlPlane) pki.writeAuthority(node.machine.fs);
      // A kubelet beside an API server asks that one (ControlPlaneKubeletLocalMode).
      const ip = hasControlPlane ? node.network.ip : undefined;
      pki.writeKubeletFiles(node.machine.fs, node.spec.name, ip);
      pki.writeKubeconfig(node.machine.fs, [networkPolicyKubeconfig], 'system:kube-network-policies', [], ip);
      const preloaded = [...nodeImages, ...(hasControlPlane ? controlPlaneImages : [])];
      for (const { repository, versions } of preloaded) {
        const reference = parseImageReference(`${repository}:${versions[0]!.tags[0]}`)!;
        node.runtime.images.add(reference, this.registry.find(reference)!);
      }
    }
    return superAdmin;
  }
}

const balancerIP = '172.18.255.100';
const balancerIP6 = segment6.replace('/64', 'ff64');

/** 172.18.0.2 is the first machine. */
function addressOf(i: number): string {
  const host = i + 2;
  return `172.${18 + (host >> 16)}.${(host >> 8) & 255}.${host & 255}`;
}

/** The same machine's address of IPv6, in the block that kind gives its nodes. */
function address6Of(i: number): string {
  return segment6.replace('/64', (i + 2).toString(16));
}

/** The addresses of the i-th machine. */
function addressesOf({ hasIPv4, hasIPv6 }: Subnets, i: number): { readonly ip: string; readonly ip6?: string } {
  if (!hasIPv6) return { ip: addressOf(i) };
  return hasIPv4 ? { ip: addressOf(i), ip6: address6Of(i) } : { ip: address6Of(i) };
}

/** The name under which port 22 offers its machine. */
export interface SshServer {
  readonly machine: Machine;
}

function listenForSsh({ machine }: NodeMachine): void {
  const server: SshServer = { machine };
  machine.net.listen(22, { endpoint: server });
}

/** Looks on while a cluster comes up. Keeps counts, since it is asked at every instant. */
class BootWatch {
  readonly #expected: number;
  readonly #addons: number;
  readonly #cni: CniChoice;
  readonly #staticPods: number;
  readonly #nodes = new ReadyCount();
  readonly #pods = new ReadyCount();
  readonly #stops: (() => void)[];

  constructor(cluster: Cluster) {
    this.#expected = cluster.nodes.length;
    this.#addons = cluster.addons.length;
    this.#cni = cluster.cni;
    this.#staticPods = 4 * cluster.controlPlanes.length;
    this.#stops = [
      cluster.observe(nodeKind as unknown as Kind, (type, object) => this.#nodes.note(type, object as Node)),
      cluster.observe(podKind as unknown as Kind, (type, object) => this.#pods.note(type, object as Pod)),
    ];
  }

  get isReady(): boolean {
    // Without a network nothing but the Pods on the nodes' own network can run, and no node is Ready.
    if (this.#cni === 'none') return this.#nodes.unready.size === this.#expected && this.#pods.ready >= this.#staticPods + this.#expected;
    return this.#nodes.ready === this.#expected && this.#pods.unready.size === 0 && this.#pods.ready >= this.#systemPods;
  }

  /** What is still missing. */
  get complaint(): string {
    if (this.#nodes.ready < this.#expected)
      return `${this.#nodes.ready} of ${this.#expected} nodes are ready; not ready: ${[...this.#nodes.unready.values()].slice(0, 3).join(', ')}`;
    return `${this.#pods.ready} of ${this.#systemPods} system Pods are ready; not ready: ${[...this.#pods.unready.values()].slice(0, 3).join(', ')}`;
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }

  /** Four static Pods a control plane, a kube-proxy a node, two of CoreDNS, the provisioner of volumes, one an add-on, and the plugin's one a node. */
  get #systemPods(): number {
    const daemons = this.#cni === 'flannel' || this.#cni === 'calico' ? this.#expected : 0;
    return this.#staticPods + this.#expected + 3 + this.#addons + daemons;
  }
}

class ReadyCount {
  ready = 0;
  /** Names by UID. */
  readonly unready = new Map<string, string>();
  readonly #known = new Set<string>();

  note(type: string, { metadata, status }: Node | Pod): void {
    const { uid, name } = metadata;
    if (this.#known.has(uid) && !this.unready.delete(uid)) this.ready--;
    this.#known.delete(uid);
    if (type === 'DELETED') return;
    this.#known.add(uid);
    if (isTrue(status?.conditions, 'Ready')) this.ready++;
    else this.unready.set(uid, name);
  }
}

function isTrue(conditions: readonly { readonly type: string; readonly status: string }[] | undefined, type: string): boolean {
  return conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;
}

/** Makes a cluster and boots it. */
export function createCluster(spec: ClusterSpec = {}): Cluster {
  const cluster = new Cluster(spec);
  cluster.boot();
  return cluster;
}
