/**
 * What the page and the worker that holds the session say to each other. Plain data in both directions; the page renders,
 * the worker lives. Times are virtual milliseconds since the lab began unless a name says otherwise.
 */
import type { LoggedPacket, Matrix } from '../../emulator/node/network/index.ts';
import type { Sign } from '../diagnosis/step.ts';
import type { LabDefinition } from '../format.ts';
import type { Recording } from '../recording.ts';
import type { Submission } from '../submission.ts';
import type { TaskState } from '../tasks.ts';
import type { Completion, Diagnostic } from './manifest/index.ts';

/** Virtual seconds that pass in a real one; 0 is paused. */
export type Speed = 0 | 1 | 5 | 15 | 60;

export type ToWorker =
  /** Answered at once with `pong`, unless the worker is stuck. */
  | { readonly type: 'ping' }
  /** `restore`: the record of an earlier session, replayed before `ready`. `lab` is a path, with `?class=CODE` behind it for a class, or what `playgroundPath` calls a cluster without tasks. */
  | {
      readonly type: 'start';
      readonly lab: string;
      readonly restore?: KeptSession | undefined;
      readonly columns: number;
      readonly rows: number;
    }
  | { readonly type: 'input'; readonly terminal: string; readonly data: string }
  /** Types a whole line as soon as the terminal's prompt is free. `terminal` is '' for the lab's first. */
  | { readonly type: 'type-line'; readonly terminal: string; readonly line: string }
  | { readonly type: 'resize'; readonly terminal: string; readonly columns: number; readonly rows: number }
  | { readonly type: 'open-terminal'; readonly terminal: string; readonly machine: string }
  | { readonly type: 'speed'; readonly speed: Speed }
  /** Runs to the next instant at which something happens, while paused. */
  | { readonly type: 'step' }
  /** Runs until the state of the cluster changes, at most `maxMs`. */
  | { readonly type: 'skip'; readonly maxMs: number }
  /** Looks at the tasks now and reports what is wrong with the open ones. */
  | { readonly type: 'check' }
  /** Back to the moment at which this task could be begun, or to the lab's start. */
  | { readonly type: 'undo'; readonly task: string }
  | { readonly type: 'reset' }
  | { readonly type: 'help'; readonly hint?: string | undefined; readonly solution?: true | undefined }
  | { readonly type: 'write-file'; readonly path: string; readonly content: string }
  | { readonly type: 'ask'; readonly id: number; readonly question: Question }
  /** The page has shown this much output. The clock waits for a page that lags behind. */
  | { readonly type: 'shown'; readonly bytes: number }
  /** Runs the fixed session whose trace must be the same in every engine. Needs no session. */
  | { readonly type: 'fingerprint'; readonly seed: number }
  /** Does the solution of a lab, apart from any session, and records it. */
  | { readonly type: 'record-solution'; readonly lab: string };

/** What the page asks the worker and is answered by an `answer` of the same id. Looking changes nothing in the cluster. */
export type Question =
  /** An object: `ObjectView`, undefined when it is gone. */
  | { readonly about: 'object'; readonly object: ObjectRef }
  /** Why an object is as it is: `WhyView[]`, the latest decision first. */
  | { readonly about: 'why'; readonly object: ObjectRef }
  /** The learner's own text files, by path. */
  | { readonly about: 'files' }
  /** What is wrong with a manifest: `Diagnostic[]`. */
  | { readonly about: 'faults'; readonly text: string }
  /** What may stand at an offset of a manifest: `Completions`. */
  | { readonly about: 'completions'; readonly text: string; readonly offset: number }
  /** What is handed in, as it stands now. */
  | { readonly about: 'submission' }
  /** Services, policies and packets: `NetworkView`. */
  | NetworkQuestion
  /** Who may do what, and through which bindings: `AccessView`. */
  | AccessQuestion
  /** What is wrong, what was looked at, and what to look at next: `DiagnosisView`. */
  | { readonly about: 'diagnosis' };

/** The object that shows a sign of trouble, and what the cluster says about it. */
export interface Trouble {
  readonly sign: Sign;
  /** For the placeholders of commands; '' where there is none. */
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly evidence: string;
  /** Virtual milliseconds since the lab began from which it may be so; looks before that do not count. */
  readonly sinceMs: number;
  /** Others that show the same. */
  readonly others: number;
}

export interface DiagnosisView {
  /** At most one of each sign, what is wide first. */
  readonly troubles: readonly Trouble[];
  /** Steps by id. */
  readonly looked: readonly string[];
  readonly next: string | undefined;
}

/** Somebody to whom bindings give roles. */
export interface AccessSubject {
  readonly kind: 'User' | 'Group' | 'ServiceAccount';
  readonly name: string;
  /** Of a ServiceAccount. */
  readonly namespace?: string | undefined;
}

/** What somebody asks for. */
export interface AccessRequest {
  readonly verb: string;
  /** `pods`, `deployments.apps/scale`, or a path such as `/metrics`. */
  readonly resource: string;
  /** '' for the whole cluster. */
  readonly namespace: string;
  /** '' for all. */
  readonly name: string;
}

export interface AccessQuestion {
  readonly about: 'access';
  readonly subject: AccessSubject | undefined;
  /** The groups of a user; without them, those of the user's latest request. */
  readonly groups?: readonly string[] | undefined;
  /** Undefined: only what the subject has. */
  readonly request: AccessRequest | undefined;
}

export interface NetworkQuestion {
  readonly about: 'network';
  readonly namespace: string;
  /** Packets of the cluster's own components too. */
  readonly showsAll: boolean;
  /** Who reaches whom too, which is measured. */
  readonly showsMatrix: boolean;
}

/** What each question is answered with. */
export interface Answers {
  readonly object: ObjectView | undefined;
  readonly why: readonly WhyView[];
  readonly files: Readonly<Record<string, string>>;
  readonly faults: readonly Diagnostic[];
  readonly completions: { readonly from: number; readonly options: readonly Completion[] };
  readonly submission: Submission;
  readonly network: NetworkView;
  readonly access: AccessView;
  readonly diagnosis: DiagnosisView;
}

export interface AccessView {
  /** Whom one may pick: people first, parts of the cluster after them. */
  readonly subjects: readonly (AccessSubject & { readonly isSystem: boolean })[];
  readonly namespaces: readonly string[];
  /** What may be typed for a resource: `pods`, `pods/log`, `deployments.apps`. */
  readonly resources: readonly string[];
  /** The last requests that were refused, the newest first. */
  readonly refusals: readonly RefusalView[];
  readonly graph: AccessGraph | undefined;
}

export interface RefusalView extends AccessRequest {
  readonly id: number;
  readonly atMs: number;
  readonly subject: AccessSubject;
  readonly groups: readonly string[];
}

/** Subject, bindings, roles and rules, joined by their positions in these lists. */
export interface AccessGraph {
  /** The subject itself first, then the groups through which bindings reach it. */
  readonly identities: readonly string[];
  readonly bindings: readonly BindingView[];
  readonly roles: readonly RoleView[];
  /** Bindings that are not listed. */
  readonly leftOut: number;
  readonly verdict: { readonly isAllowed: boolean; readonly sentence: string } | undefined;
}

export interface BindingView {
  readonly kind: string;
  readonly name: string;
  /** Where it holds; '' for the whole cluster. */
  readonly namespace: string;
  readonly identity: number;
  readonly role: number;
  /** It does not hold where the request asks. */
  readonly isElsewhere: boolean;
  /** Through it the request is allowed. */
  readonly allows: boolean;
}

export interface RoleView {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  /** The binding names a role that nobody made. */
  readonly isMissing: boolean;
  readonly rules: readonly RuleView[];
  /** Rules that are not listed. */
  readonly leftOut: number;
}

export interface RuleView {
  readonly text: string;
  /** What of the request it does not cover; empty when it allows it, undefined when nothing was asked. */
  readonly lacks: readonly string[] | undefined;
}

export interface NetworkView {
  readonly plugin: { readonly name: string; readonly enforcesPolicies: boolean } | undefined;
  readonly namespaces: readonly string[];
  readonly services: readonly ServiceView[];
  readonly pods: readonly NetworkPodView[];
  readonly policies: readonly PolicyView[];
  /** Newest first. */
  readonly packets: readonly PacketView[];
  readonly matrix: Matrix | undefined;
}

export interface ServiceView {
  readonly name: string;
  readonly type: string;
  readonly address: string;
  /** `80/TCP`, `80:30080/TCP`. */
  readonly ports: readonly string[];
  readonly slices: readonly {
    readonly name: string;
    readonly endpoints: readonly { readonly address: string; readonly pod: string; readonly isReady: boolean }[];
  }[];
}

export interface NetworkPodView {
  readonly name: string;
  readonly ip: string;
  readonly node: string;
  /** Policies that select it. */
  readonly policies: readonly string[];
}

export interface PolicyView {
  readonly name: string;
  readonly types: readonly string[];
  /** The Pods that it selects. */
  readonly pods: readonly string[];
}

/** `atMs` counts from when the lab began. */
export type PacketView = LoggedPacket;

export interface ObjectView {
  readonly yaml: string;
  /** The YAML without what the cluster itself wrote: what a person would keep in a file. */
  readonly manifest: string;
  /** Newest first. */
  readonly events: readonly EventView[];
}

/** One attempt to find a node for a Pod. */
export interface SchedulingView {
  readonly sort: 'scheduling';
  /** The profile, which is the Pod's schedulerName. */
  readonly by: string;
  readonly attempt: number;
  /** `node-2 won because …` */
  readonly sentence: string;
  /** The sentence of FailedScheduling. */
  readonly message: string | undefined;
  readonly chosen: string | undefined;
  readonly plugins: readonly { readonly name: string; readonly weight: number }[];
  /** The best first; `points` are scores times weights, in the order of `plugins`. */
  readonly scored: readonly { readonly node: string; readonly total: number; readonly points: readonly number[] }[];
  readonly rejected: readonly { readonly node: string; readonly plugin: string; readonly reason: string }[];
  /** Nodes that are not listed. */
  readonly leftOut: { readonly scored: number; readonly rejected: number; readonly unseen: number };
}

/** A decision about an object; told apart by `sort`, so that there can be others. */
export type WhyView = SchedulingView & {
  readonly id: number;
  /** Virtual milliseconds since the lab began; below 0 for what happened before. */
  readonly atMs: number;
};

export interface EventView {
  readonly key: string;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  /** Virtual milliseconds since the lab began; below 0 for what happened before. */
  readonly atMs: number;
}

/** What the page keeps of a session. */
export interface KeptSession {
  readonly submission: Submission;
  /** The learner's own files by path, for the day on which the submission cannot be replayed. */
  readonly files: Readonly<Record<string, string>>;
}

export interface ObjectRef {
  readonly resource: string;
  readonly namespace?: string | undefined;
  readonly name: string;
}

export interface ContainerView {
  readonly name: string;
  readonly ready: boolean;
  readonly state: 'waiting' | 'running' | 'terminated';
  readonly restarts: number;
}

export interface PodView {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** '' while it is not scheduled. */
  readonly node: string;
  /** As kubectl's STATUS column says. */
  readonly status: string;
  readonly ready: boolean;
  readonly isSystem: boolean;
  readonly containers: readonly ContainerView[];
}

export interface NodeView {
  readonly name: string;
  readonly isControlPlane: boolean;
  /** As kubectl's STATUS column says. */
  readonly status: string;
}

/** One arrow of the sequence diagram. */
export interface RequestView {
  readonly id: number;
  readonly atMs: number;
  readonly cause: number;
  readonly from: string;
  readonly to: string;
  /** `create pods`, `watch MODIFIED deployments`. */
  readonly text: string;
  /** `default/web-1`, '' if it is about no object. */
  readonly object: string;
  readonly code?: number | undefined;
  readonly isHeartbeat: boolean;
}

export type FromWorker =
  | { readonly type: 'pong' }
  | {
      readonly type: 'ready';
      readonly lab: LabDefinition;
      readonly machines: readonly string[];
      readonly terminals: readonly { readonly name: string; readonly machine: string }[];
    }
  /** Bytes in UTF-8. */
  | { readonly type: 'output'; readonly terminal: string; readonly data: Uint8Array }
  /** `waitMs`: nothing but heartbeats will happen for this long, when that is long. */
  | {
      readonly type: 'clock';
      readonly nowMs: number;
      readonly speed: Speed;
      readonly isBehind: boolean;
      readonly waitMs: number | undefined;
    }
  | { readonly type: 'cluster'; readonly nodes: readonly NodeView[]; readonly pods: readonly PodView[] }
  | { readonly type: 'requests'; readonly requests: readonly RequestView[] }
  | { readonly type: 'tasks'; readonly tasks: readonly TaskState[]; readonly justGreen: readonly string[]; readonly asked: boolean }
  /** The record so far, for keeping; sent when it has grown, at most every second. */
  | { readonly type: 'record'; readonly kept: KeptSession }
  /** A new session begins in the same worker (undo, reset, restore): terminals and views start over. */
  | { readonly type: 'restarted' }
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown }
  /** The record could not be replayed (another version, damage): a fresh session was begun, with the learner's files kept. */
  | { readonly type: 'not-restored'; readonly reason: string; readonly files: readonly string[] }
  | { readonly type: 'solution'; readonly text: string }
  | { readonly type: 'fingerprint'; readonly hash: string; readonly records: number }
  | { readonly type: 'recorded'; readonly recording: Recording }
  /** The session has ended: the emulator broke. `report` helps to reproduce it. */
  | { readonly type: 'crashed'; readonly message: string; readonly report: string };
