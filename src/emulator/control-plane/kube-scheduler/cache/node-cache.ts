/**
 * The scheduler's view of nodes and of the Pods on them: typed columns by node index, counters by topology domain.
 * Everything is kept up to date by difference; upstream takes a snapshot and recounts for each Pod.
 */
import type { Container, LabelSelector, Node, Pod } from '../../../api/generated/types.ts';
import type { Labels } from '../../../machinery/objects.ts';
import { milliValue, quantityValue } from '../../../machinery/quantity.ts';
import { grown, ResourceColumn } from './columns.ts';
import type { PodClass } from './pod-class.ts';
import { classOf, normalizedImage } from './pod-class.ts';
import type { StorageView } from '../storage-view.ts';
import { firstNumbers, isZoned, orderByZone } from './search-order.ts';
import type { CounterSpec } from './topology-counter.ts';
import { TopologyCounter } from './topology-counter.ts';

export interface NodeInfo {
  index: number;
  readonly name: string;
  node: Node;
  readonly pods: Set<PlacedPod>;
  /** How many Pods use a host port, by `protocol/port/ip`; made when first needed. */
  hostPorts: Map<string, number> | undefined;
}

export interface PlacedPod {
  pod: Pod;
  readonly podClass: PodClass;
  readonly info: NodeInfo;
  readonly priority: number;
  isTerminating: boolean;
}

/** An image as ImageLocality wants it: its size on each node, 0 where it is not, and how many nodes hold it. */
export interface ImageColumn {
  bytes: Float64Array;
  nodes: number;
}

const podKey = ({ metadata }: Pod): string => metadata.uid;

export class NodeCache {
  readonly nodes: NodeInfo[] = [];
  readonly cpu = new ResourceColumn('cpu');
  readonly memory = new ResourceColumn('memory');
  readonly resources = new Map<string, ResourceColumn>([
    ['cpu', this.cpu],
    ['memory', this.memory],
  ]);
  podsAllocatable = new Int32Array(64);
  podsUsed = new Int32Array(64);
  /** Requests with defaults, for scoring. */
  scoredCpu = new Float64Array(64);
  scoredMemory = new Float64Array(64);
  /** A number that changes whenever the node or something on it does: what was found out about both holds until then. */
  versions = new Int32Array(64);
  /** How many taints each node has: most have none, and are not looked at. */
  taints = new Int32Array(64);
  readonly images = new Map<string, ImageColumn>();
  /** While one is 0 its plugin is skipped. */
  tainted = 0;
  cordoned = 0;
  readonly counters = new Map<string, TopologyCounter>();
  /** Which Pods are spread together when a Pod has no constraints of its own; undefined for none. */
  defaultSelector: (pod: Pod) => LabelSelector | undefined = () => undefined;
  namespaceLabels: (name: string) => Labels | undefined = () => undefined;
  /** Grows whenever a node comes, goes or gets other labels: what was found out about nodes by their labels no longer holds. */
  labelEpoch = 0;
  /** Some counter looks at the labels of namespaces: when those change, the counters are made anew. */
  usesNamespaceLabels = false;
  /** Grows whenever all counters are made anew. */
  counterEpoch = 0;
  /** Claims and volumes; plugins look at it only for Pods that use claims. */
  storage: StorageView | undefined;
  #order: { readonly epoch: number; readonly indices: Int32Array } = { epoch: -1, indices: new Int32Array(0) };
  /** How many nodes are in a zone. */
  #zoned = 0;
  #version = 0;
  #hasMoved = false;
  readonly #byName = new Map<string, NodeInfo>();
  readonly #placed = new Map<string, PlacedPod>();
  /** Pods that were seen on a node before the node. */
  readonly #early = new Map<string, Map<string, Pod>>();
  #classes = new WeakMap<readonly Container[], PodClass>();
  /** In the order in which they were made: a class has looked at the first `generation` of them. */
  readonly #counterList: TopologyCounter[] = [];

  /** The nodes in the order in which they are searched: those of the zones in turn, each zone's in the order in which they came. */
  get searchOrder(): Int32Array {
    if (this.#order.epoch === this.labelEpoch) return this.#order.indices;
    // Without zones it is the order of the columns, as long as no node has gone.
    const isPlain = this.#zoned === 0 && !this.#hasMoved;
    const indices = isPlain ? firstNumbers(this.nodes.length, this.#order.indices) : orderByZone(this.#byName.values(), this.nodes.length);
    this.#order = { epoch: this.labelEpoch, indices };
    return indices;
  }

  info(name: string): NodeInfo | undefined {
    return this.#byName.get(name);
  }

  placed(uid: string): PlacedPod | undefined {
    return this.#placed.get(uid);
  }

  setNode(node: Node): void {
    const { name } = node.metadata;
    let info = this.#byName.get(name);
    const before = info?.node;
    this.tainted += Number(isTainted(node)) - Number(before !== undefined && isTainted(before));
    this.cordoned += Number(node.spec?.unschedulable ?? false) - Number(before?.spec?.unschedulable ?? false);
    if (before?.metadata.labels !== node.metadata.labels)
      this.#zoned += Number(isZoned(node)) - Number(before !== undefined && isZoned(before));
    if (!info) info = this.#addNode(node);
    info.node = node;
    const { index } = info;
    this.#touch(index);
    this.taints[index] = node.spec?.taints?.length ?? 0;
    if (before?.status?.allocatable !== node.status?.allocatable) this.#setAllocatable(index, node);
    if (before?.status?.images !== node.status?.images) this.#setImages(index, before, node);
    if (!before || before.metadata.labels !== node.metadata.labels) {
      this.labelEpoch++;
      for (const counter of this.counters.values()) counter.setNode(index, node.metadata.labels, before === undefined);
    }
    if (!before) this.#placeEarly(name);
  }

  removeNode(name: string): void {
    const info = this.#byName.get(name);
    if (!info) return;
    this.labelEpoch++;
    const orphans = [...info.pods];
    for (const placed of orphans) this.#unplace(placed);
    this.#setImages(info.index, info.node, undefined);
    this.tainted -= Number(isTainted(info.node));
    this.cordoned -= Number(info.node.spec?.unschedulable ?? false);
    this.#zoned -= Number(isZoned(info.node));
    this.#hasMoved = true;
    const last = this.nodes.length - 1;
    const { index } = info;
    for (const counter of this.counters.values()) counter.removeNode(index, last);
    for (const column of this.resources.values()) column.move(last, index);
    for (const column of this.images.values()) [column.bytes[index], column.bytes[last]] = [column.bytes[last] ?? 0, 0];
    for (const column of [this.podsAllocatable, this.podsUsed, this.scoredCpu, this.scoredMemory, this.taints]) {
      column[index] = column[last]!;
      column[last] = 0;
    }
    const moved = this.nodes[last]!;
    moved.index = index;
    this.#touch(index);
    this.#touch(last);
    this.nodes[index] = moved;
    this.nodes.pop();
    this.#byName.delete(name);
    for (const { pod } of orphans) this.#keepEarly(name, pod);
  }

  /** The class of a Pod, found by the identity of its template's parts. */
  classOf(pod: Pod): PodClass {
    const { containers } = pod.spec;
    let known = this.#classes.get(containers);
    if (!known || !isSameClass(known.pod, pod)) this.#classes.set(containers, (known = classOf(pod)));
    this.#learnCounters(known);
    return known;
  }

  /** The counter of a spec, made and filled when it is first asked for. */
  counter(spec: CounterSpec): TopologyCounter {
    let counter = this.counters.get(spec.key);
    if (counter) return counter;
    counter = new TopologyCounter(spec);
    this.counters.set(spec.key, counter);
    this.#counterList.push(counter);
    for (const { index, node } of this.nodes) counter.setNode(index, node.metadata.labels, true);
    for (const { pod, info, isTerminating } of this.#placed.values()) {
      if (spec.counts(pod) && !(isTerminating && spec.skipsTerminating)) counter.add(info.index, 1);
    }
    return counter;
  }

  /** Forgets every counter, since what they count by has changed; those that are still asked for are made anew. */
  forgetCounters(): void {
    this.counterEpoch++;
    this.counters.clear();
    this.#counterList.length = 0;
    for (const { podClass } of this.#placed.values()) {
      podClass.counters.length = 0;
      podClass.generation = 0;
    }
    this.#classes = new WeakMap();
  }

  /** Assumes a Pod on a node, or confirms or updates it; only the first call for a Pod counts. */
  place(pod: Pod, nodeName: string): void {
    const key = podKey(pod);
    const placed = this.#placed.get(key);
    if (placed?.info.name === nodeName) {
      this.#update(placed, pod);
      return;
    }
    if (placed) this.#unplace(placed);
    const info = this.#byName.get(nodeName);
    if (!info) {
      this.#keepEarly(nodeName, pod);
      return;
    }
    const priority = pod.spec.priority ?? 0;
    const isTerminating = pod.metadata.deletionTimestamp !== undefined;
    const added: PlacedPod = { pod, podClass: this.classOf(pod), info, priority, isTerminating };
    this.#placed.set(key, added);
    info.pods.add(added);
    this.#touch(info.index);
    this.#account(added, 1);
  }

  /** Takes an assumption back. A Pod that has been seen on a node meanwhile stays there. */
  forget(pod: Pod): void {
    const placed = this.#placed.get(podKey(pod));
    if (placed && !placed.pod.spec.nodeName) this.#unplace(placed);
  }

  remove(pod: Pod): void {
    const placed = this.#placed.get(podKey(pod));
    if (placed) this.#unplace(placed);
    const early = this.#early.get(pod.spec.nodeName ?? '');
    early?.delete(podKey(pod));
  }

  /**
   * Takes a Pod off its node for a moment, to see what would fit without it; `restore` puts it back. Since nothing has changed when
   * that is over, the node's version stays.
   */
  suspend(placed: PlacedPod): void {
    this.#account(placed, -1);
  }

  restore(placed: PlacedPod): void {
    this.#account(placed, 1);
  }

  column(name: string): ResourceColumn {
    let column = this.resources.get(name);
    if (!column) {
      this.resources.set(name, (column = new ResourceColumn(name)));
      column.reserve(Math.max(64, this.nodes.length));
    }
    return column;
  }

  #update(placed: PlacedPod, pod: Pod): void {
    const before = placed.pod;
    if (before.spec.containers !== pod.spec.containers || before.metadata.labels !== pod.metadata.labels) {
      if (!isSameClass(before, pod)) {
        this.#unplace(placed);
        this.place(pod, placed.info.name);
        return;
      }
    }
    placed.pod = pod;
    this.#touch(placed.info.index);
    if (pod.metadata.deletionTimestamp === undefined || placed.isTerminating) return;
    for (const counter of this.classOf(pod).counters) if (counter.spec.skipsTerminating) counter.add(placed.info.index, -1);
    placed.isTerminating = true;
  }

  #unplace(placed: PlacedPod): void {
    this.#placed.delete(podKey(placed.pod));
    placed.info.pods.delete(placed);
    this.#touch(placed.info.index);
    this.#account(placed, -1);
  }

  #touch(index: number): void {
    this.versions[index] = ++this.#version;
  }

  #account({ podClass, info, isTerminating }: PlacedPod, by: 1 | -1): void {
    const { index } = info;
    for (const { name, amount } of podClass.requests) this.column(name).requested[index]! += by * amount;
    this.podsUsed[index]! += by;
    this.scoredCpu[index]! += by * podClass.scoredCpuMilli;
    this.scoredMemory[index]! += by * podClass.scoredMemoryBytes;
    if (podClass.hostPorts.length > 0) {
      info.hostPorts ??= new Map();
      for (const { protocol, port, ip } of podClass.hostPorts) {
        const key = `${protocol}/${port}/${ip}`;
        info.hostPorts.set(key, (info.hostPorts.get(key) ?? 0) + by);
      }
    }
    if (this.counters.size === 0) return;
    // The class may have learnt of new counters since; those were filled from what was placed.
    this.#learnCounters(podClass);
    for (const counter of podClass.counters) if (!isTerminating || !counter.spec.skipsTerminating) counter.add(index, by);
  }

  #learnCounters(podClass: PodClass): void {
    for (; podClass.generation < this.#counterList.length; podClass.generation++) {
      const counter = this.#counterList[podClass.generation]!;
      if (counter.spec.counts(podClass.pod)) podClass.counters.push(counter);
    }
  }

  #addNode(node: Node): NodeInfo {
    const index = this.nodes.length;
    const info: NodeInfo = { index, name: node.metadata.name, node, pods: new Set(), hostPorts: undefined };
    this.nodes.push(info);
    this.#byName.set(info.name, info);
    for (const column of this.resources.values()) column.reserve(index + 1);
    this.podsAllocatable = grown(this.podsAllocatable, index + 1);
    this.podsUsed = grown(this.podsUsed, index + 1);
    this.scoredCpu = grown(this.scoredCpu, index + 1);
    this.scoredMemory = grown(this.scoredMemory, index + 1);
    this.taints = grown(this.taints, index + 1);
    this.versions = grown(this.versions, index + 1);
    return info;
  }

  #setAllocatable(index: number, node: Node): void {
    const allocatable = node.status?.allocatable ?? {};
    for (const column of this.resources.values()) column.allocatable[index] = 0;
    this.podsAllocatable[index] = 0;
    for (const name in allocatable) {
      if (name === 'pods') this.podsAllocatable[index] = quantityValue(allocatable[name]!);
      else this.column(name).allocatable[index] = name === 'cpu' ? milliValue(allocatable[name]!) : quantityValue(allocatable[name]!);
    }
  }

  #setImages(index: number, before: Node | undefined, after: Node | undefined): void {
    for (const { names } of before?.status?.images ?? []) {
      for (const name of names ?? []) {
        const column = this.images.get(normalizedImage(name));
        if (!column || (column.bytes[index] ?? 0) === 0) continue;
        column.bytes[index] = 0;
        column.nodes--;
      }
    }
    for (const { names, sizeBytes } of after?.status?.images ?? []) {
      for (const name of names ?? []) {
        const key = normalizedImage(name);
        let column = this.images.get(key);
        if (!column) this.images.set(key, (column = { bytes: new Float64Array(64), nodes: 0 }));
        column.bytes = grown(column.bytes, index + 1);
        if (column.bytes[index] === 0) column.nodes++;
        column.bytes[index] = sizeBytes ?? 0;
      }
    }
  }

  #keepEarly(nodeName: string, pod: Pod): void {
    let pods = this.#early.get(nodeName);
    if (!pods) this.#early.set(nodeName, (pods = new Map()));
    pods.set(podKey(pod), pod);
  }

  #placeEarly(nodeName: string): void {
    const pods = this.#early.get(nodeName);
    if (!pods) return;
    this.#early.delete(nodeName);
    for (const pod of pods.values()) this.place(pod, nodeName);
  }
}

const isTainted = (node: Node): boolean => (node.spec?.taints?.length ?? 0) > 0;

/** Pods of one template share these objects; two that share them all are of one class. */
function isSameClass(a: Pod, b: Pod): boolean {
  return (
    a.spec.containers === b.spec.containers &&
    a.metadata.labels === b.metadata.labels &&
    a.metadata.namespace === b.metadata.namespace &&
    a.spec.initContainers === b.spec.initContainers &&
    a.spec.overhead === b.spec.overhead &&
    a.spec.resources === b.spec.resources &&
    a.spec.affinity === b.spec.affinity
  );
}
