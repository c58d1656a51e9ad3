/** What members tell one another and what they keep on disk. Upstream: go.etcd.io/raft, raftpb/raft.proto. */

/** A change of the group by one member. A learner receives the log and has no vote. */
export interface ConfChange {
  readonly type: 'add' | 'add-learner' | 'remove';
  readonly member: string;
}

export interface Entry {
  readonly term: number;
  readonly index: number;
  /** Undefined for the empty entry with which a leader begins its term. */
  readonly data: unknown;
  readonly conf?: ConfChange | undefined;
  /** Nobody waits for it: carrying it is background work. */
  readonly isQuiet?: boolean | undefined;
}

export type Proposal = Pick<Entry, 'data' | 'conf' | 'isQuiet'>;

export interface Configuration {
  readonly voters: readonly string[];
  readonly learners: readonly string[];
}

export interface Snapshot {
  readonly index: number;
  readonly term: number;
  readonly conf: Configuration;
  readonly data: unknown;
}

/** What must be on disk before a message that follows from it may leave. */
export interface HardState {
  readonly term: number;
  /** Empty for none. */
  readonly vote: string;
  readonly commit: number;
}

/** A member's write-ahead log. Entries follow the snapshot without a gap. */
export interface Disk {
  hard: HardState;
  /** Its data are those of the moment when it was taken; one that only stands for what was forgotten has none. */
  snapshot: Snapshot;
  entries: Entry[];
}

interface Envelope {
  readonly from: string;
  readonly to: string;
  /** 0 for what is forwarded rather than said in a term: proposals and questions of readers. */
  readonly term: number;
  readonly isQuiet?: boolean | undefined;
}

export type Message = Envelope &
  (
    | {
        readonly type: 'append';
        readonly index: number;
        readonly logTerm: number;
        readonly entries: readonly Entry[];
        readonly commit: number;
      }
    | {
        readonly type: 'append-response';
        readonly index: number;
        readonly reject?: boolean | undefined;
        /** Of a rejection: the last index at which the logs may agree, and its term. */
        readonly hint?: number | undefined;
        readonly logTerm?: number | undefined;
      }
    | { readonly type: 'heartbeat'; readonly commit: number; readonly context?: string | undefined }
    | { readonly type: 'heartbeat-response'; readonly context?: string | undefined }
    | { readonly type: 'vote' | 'pre-vote'; readonly index: number; readonly logTerm: number; readonly isTransfer?: boolean | undefined }
    | { readonly type: 'vote-response' | 'pre-vote-response'; readonly reject: boolean }
    | { readonly type: 'snapshot'; readonly snapshot: Snapshot }
    | { readonly type: 'propose'; readonly entries: readonly Proposal[] }
    | { readonly type: 'read'; readonly context: string }
    | { readonly type: 'read-response'; readonly context: string; readonly index: number }
    | { readonly type: 'transfer'; readonly target: string }
    | { readonly type: 'timeout-now' }
  );

/** Leaves the envelope of each form open. */
type Unsent<M> = M extends Message ? Omit<M, 'from' | 'term'> & { readonly term?: number } : never;
export type Outgoing = Unsent<Message>;

/** What a member has to do now: see `Raft.takeReady`. */
export interface Ready {
  /** To be put in place of the state machine's contents, before what is committed. */
  readonly snapshot: Snapshot | undefined;
  /** To be applied in this order. */
  readonly committed: readonly Entry[];
  readonly messages: readonly Message[];
  /** Questions of readers that are answered: they may read once `index` is applied. */
  readonly reads: readonly { readonly context: string; readonly index: number }[];
}

export function createDisk(conf: Configuration, { index = 0, term = 0, data }: Partial<Snapshot> = {}): Disk {
  return { hard: { term, vote: '', commit: index }, snapshot: { index, term, conf, data }, entries: [] };
}
