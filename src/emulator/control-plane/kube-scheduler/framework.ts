/**
 * The extension points of the scheduling framework (kube-scheduler/framework). A plugin is one object that has the methods
 * of the points it takes part in; a verdict is a value, and rejections are shared constants.
 *
 * PreFilter and Filter are one method here, and so are PreScore and Score: it looks at the Pod once and returns what is
 * asked for each node, or nothing when the plugin has no opinion about this Pod (upstream's Skip).
 */
import type { Pod } from '../../api/generated/types.ts';
import type { Client, InformerFactory } from '../../client/index.ts';
import type { Call, Kernel } from '../../kernel/index.ts';
import type { NodeCache } from './cache/node-cache.ts';
import type { PodClass } from './cache/pod-class.ts';
import type { ExtensionPoint } from './configuration/types.ts';
import type { ClusterEvent, EventKind } from './events.ts';
import type { NodeVictims } from './extenders/wire.ts';
import type { WaitingPods } from './waiting-pods.ts';

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
  /** The filter knows only the Pods that were there when it was made: it is made anew when Pods are taken away in thought. */
  readonly isSnapshot?: boolean;
  /** The filter looks at nothing but the Pod's template, the node and the Pods on it. */
  readonly isLocal?: boolean;
}

/** What is known of the nodes that will not do: the reason of each by its index. */
export interface NodeRejections {
  readonly size: number;
  get(node: number): Rejection | undefined;
  forEach(visit: (why: Rejection, node: number) => void): void;
}

/** Node indices and how many of them count: the array is a reused buffer. */
export interface NodeSet {
  readonly indices: Int32Array;
  count: number;
}

/** Writes the raw score of each node to `out`, in one loop of its own. */
export type NodeScorer = (nodes: NodeSet, out: Float64Array) => void;

/** A queueing hint: whether what has happened may make a Pod fit that the plugin rejected. */
export type Hint = (pod: Pod, event: ClusterEvent) => boolean;

/** For how long a Pod may wait at most; then it is rejected. */
export interface PermitWait {
  readonly waitMs: number;
}

export interface PostFilterResult {
  /** The node to note on the Pod; '' clears it. Undefined leaves it. */
  readonly nominatedNode: string | undefined;
  /** Joined to the message of the failure, with those of the other plugins. */
  readonly message: string;
  /** The Pod will fit: no other plugin is asked, and no message is joined. */
  readonly isSuccess: boolean;
  /** Something went wrong: no other plugin is asked, and this is all that is joined. */
  readonly isError?: boolean;
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
  /** PreEnqueue: why the Pod may not even enter the active queue. */
  preEnqueue?(pod: Pod): Rejection | undefined;
  /** QueueSort: whether `a` goes first. */
  less?(a: QueuedPod, b: QueuedPod): boolean;
  /** PreFilter and Filter. */
  preFilter?(cycle: Cycle): FilterPlan | undefined;
  /** PostFilter: called when no node will do, with every node's rejection by index. */
  postFilter?(cycle: Cycle, rejections: NodeRejections, tools: PostFilterTools): Call<PostFilterResult | undefined>;
  /** PreScore and Score. */
  preScore?(cycle: Cycle, nodes: NodeSet): NodeScorer | undefined;
  /** The score depends on the Pod's class, the node and the Pods on it alone, and is not normalised. */
  readonly isLocalScore?: boolean;
  /** What every node scores when `preScore` is silent though upstream's plugin is not: it decides nothing, but tables show it. */
  readonly silentScore?: number;
  /** NormalizeScore: 'share' maps the highest to 100, 'reverse' to 0; a function does it itself. */
  readonly normalize?: 'share' | 'reverse' | ((scores: Float64Array, count: number, cycle: Cycle) => void);
  /** Reserve: the Pod will go to this node; a rejection undoes it. */
  reserve?(cycle: Cycle, node: number): Rejection | undefined;
  unreserve?(cycle: Cycle, nodeName: string): void;
  /** Permit: a last veto, or the wish that the Pod waits on its node until the plugin allows or rejects it (`PluginTools.waiting`). */
  permit?(cycle: Cycle, node: number): Rejection | PermitWait | undefined;
  preBind?(cycle: Cycle, nodeName: string, tools: BindTools): Call<void>;
  /** Bind: true if it has bound the Pod. */
  bind?(cycle: Cycle, nodeName: string, tools: BindTools): Call<boolean>;
  postBind?(cycle: Cycle, nodeName: string): void;
  /** Told of every Pod that is on a node, before it counts: for plugins that keep terms of placed Pods. Not a point of upstream's. */
  podSeen?(pod: Pod, cache: NodeCache): void;
  /** EventsToRegister: what may make a Pod fit that this plugin rejected, each with its hint; `true` for whatever the Pod. */
  readonly wakes?: Readonly<Partial<Record<EventKind, Hint | true>>>;
}

/** What a plugin is made with, beside its arguments. */
export interface PluginTools {
  readonly kernel: Kernel;
  /** What the scheduler knows of the cluster's objects. */
  readonly informers: InformerFactory;
  /** The Pods that wait for the permission of a plugin, of whatever profile. */
  readonly waiting: WaitingPods;
  /** Tells the queue of something that the scheduler itself does not follow. */
  happened(event: ClusterEvent): void;
  /** A file of the machine on which the scheduler runs; undefined if it is not there. */
  readFile(path: string): string | undefined;
}

/**
 * A plugin that profiles may enable by its name. Its arguments are those of pluginConfig, with defaults; of a plugin that is
 * not one of upstream's, as they stand in the file.
 */
export interface PluginFactory {
  readonly name: string;
  /** The points that it implements: a configuration that enables it elsewhere is refused. */
  readonly points: readonly ExtensionPoint[];
  /** Throws an Error when the arguments will not do. */
  make(args: unknown, tools: PluginTools): Plugin;
}

export interface BindTools {
  readonly kernel: Kernel;
  readonly client: Client;
  bind(pod: Pod, nodeName: string): Call<void>;
}

export interface PostFilterTools {
  readonly kernel: Kernel;
  readonly client: Client;
  /** The first rejection of a node, as things stand in the cache at that moment. */
  filterNode(cycle: Cycle, node: number): Rejection | undefined;
  /**
   * As long as this number is the same, so is what `filterNode` and `violatesBudget` say of the node and its Pods, for every Pod of the
   * template. Undefined when they look further than that.
   */
  versionOf(cycle: Cycle, node: number): number | undefined;
  /** Pods whose eviction their disruption budget does not allow. */
  violatesBudget(pods: readonly Pod[]): readonly boolean[];
  /** Whether victims of this Pod are still being deleted. */
  isPreempting(uid: string): boolean;
  /** What extenders leave of the choice, or what went wrong with them; undefined when none has a say. */
  askExtenders(pod: Pod, nodes: readonly NodeVictims[]): Call<readonly NodeVictims[] | string | undefined>;
  /** Deletes the victims and takes lower nominations back, beside the scheduling of other Pods. */
  evict(preemptor: Pod, nodeName: string, victims: readonly Pod[]): void;
}

/** Thrown by a plugin that could not do its work, with upstream's words: the attempt fails, and the Pod is tried again after its backoff. */
export class PluginFailure extends Error {}

export function rejection(plugin: string, reason: string, { isUnresolvable = false } = {}): Rejection {
  return Object.freeze({ plugin, reasons: Object.freeze([reason]), isUnresolvable });
}
