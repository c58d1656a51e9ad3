/**
 * The extension points of the scheduling framework (pkg/scheduler/framework). A plugin is one object that has the methods
 * of the points it takes part in; a verdict is a value, and rejections are shared constants.
 *
 * PreFilter and Filter are one method here, and so are PreScore and Score: it looks at the Pod once and returns what is
 * asked for each node, or nothing when the plugin has no opinion about this Pod (upstream's Skip).
 */
import type { Pod } from '../../api/generated/types.ts';
import type { Client } from '../../client/index.ts';
import type { Call, Kernel } from '../../kernel/index.ts';
import type { NodeCache } from './cache/node-cache.ts';
import type { PodClass } from './cache/pod-class.ts';

/** Why a node will not do. */
export interface Rejection {
  readonly plugin: string;
  readonly reasons: readonly string[];
  /** Whether removing Pods from the node could not help (UnschedulableAndUnresolvable). */
  readonly isUnresolvable: boolean;
}

/** One attempt to place one Pod. */
export interface Cycle {
  readonly pod: Pod;
  readonly podClass: PodClass;
  readonly cache: NodeCache;
}

/** Says whether the node of this index is refused. */
export type NodeFilter = (node: number) => Rejection | undefined;

export interface FilterPlan {
  /** Absent: every node that `nodes` leaves will do. */
  readonly filter?: NodeFilter | undefined;
  /** The only nodes that come into question, by name. */
  readonly nodes?: ReadonlySet<string> | undefined;
  /** The Pod fits nowhere, whatever the node. */
  readonly rejection?: Rejection | undefined;
}

/** Node indices and how many of them count: the array is a reused buffer. */
export interface NodeSet {
  readonly indices: Int32Array;
  count: number;
}

/** Writes the raw score of each node to `out`, in one loop of its own. */
export type NodeScorer = (nodes: NodeSet, out: Float64Array) => void;

/** Happenings after which a Pod that a plugin rejected may fit. */
export type ClusterEvent =
  | 'NodeAdded'
  | 'NodeTaintsChanged'
  | 'NodeLabelsChanged'
  | 'NodeAllocatableChanged'
  | 'PodAssigned'
  | 'PodDeleted'
  | 'PodLabelsChanged'
  | 'ClaimChanged'
  | 'VolumeChanged'
  | 'StorageClassChanged';

export interface PostFilterResult {
  /** The node to note on the Pod; '' clears it. Undefined leaves it. */
  readonly nominatedNode: string | undefined;
  /** Joined to the message of the failure. */
  readonly message: string;
}

export interface QueuedPod {
  readonly uid: string;
  pod: Pod;
  readonly priority: number;
  /** Virtual milliseconds at which it came into the queue. */
  queuedMs: number;
  attempts: number;
}

export interface Plugin {
  readonly name: string;
  /** Of its score in the total; 1 if absent. */
  readonly weight?: number;
  /** PreEnqueue: why the Pod may not even enter the active queue. */
  preEnqueue?(pod: Pod): Rejection | undefined;
  /** QueueSort: whether `a` goes first. */
  less?(a: QueuedPod, b: QueuedPod): boolean;
  /** PreFilter and Filter. */
  preFilter?(cycle: Cycle): FilterPlan | undefined;
  /** PostFilter: called when no node will do, with every node's rejection by index. */
  postFilter?(cycle: Cycle, rejections: ReadonlyMap<number, Rejection>, tools: PostFilterTools): Call<PostFilterResult | undefined>;
  /** PreScore and Score. */
  preScore?(cycle: Cycle, nodes: NodeSet): NodeScorer | undefined;
  /** NormalizeScore: 'share' maps the highest to 100, 'reverse' to 0; a function does it itself. */
  readonly normalize?: 'share' | 'reverse' | ((scores: Float64Array, count: number, cycle: Cycle) => void);
  /** Reserve: the Pod will go to this node; a rejection undoes it. */
  reserve?(cycle: Cycle, node: number): Rejection | undefined;
  unreserve?(cycle: Cycle, node: number): void;
  /** Permit: a last veto. */
  permit?(cycle: Cycle, node: number): Rejection | undefined;
  preBind?(cycle: Cycle, nodeName: string, tools: BindTools): Call<void>;
  /** Bind: true if it has bound the Pod. */
  bind?(cycle: Cycle, nodeName: string, tools: BindTools): Call<boolean>;
  postBind?(cycle: Cycle, nodeName: string): void;
  /** Told of every Pod that is on a node, before it counts: for plugins that keep terms of placed Pods. Not a point of upstream's. */
  podSeen?(pod: Pod, cache: NodeCache): void;
  /** EventsToRegister: what may make a Pod fit that this plugin rejected. */
  readonly requeueOn?: readonly ClusterEvent[];
}

export interface BindTools {
  readonly kernel: Kernel;
  readonly client: Client;
  bind(pod: Pod, nodeName: string): Call<void>;
}

export interface PostFilterTools {
  /** The rejection of a node by all filters, as things stand in the cache. */
  filterNode(cycle: Cycle, node: number): Rejection | undefined;
  /** Deletes a Pod so that another can take its place. */
  preempt(victim: Pod, preemptor: Pod, nodeName: string): Call<void>;
  /** Pods whose eviction their disruption budget does not allow. */
  violatesBudget(pods: readonly Pod[]): readonly boolean[];
  /** Clears the nomination of Pods of lower priority that were to go to the node. */
  clearNominations(nodeName: string, below: number): Call<void>;
}

export function rejection(plugin: string, reason: string, { isUnresolvable = false } = {}): Rejection {
  return Object.freeze({ plugin, reasons: Object.freeze([reason]), isUnresolvable });
}
