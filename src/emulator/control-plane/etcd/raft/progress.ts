/**
 * What a leader knows of one member. Upstream: go.etcd.io/raft, tracker/progress.go.
 *
 * - `probe`: the leader looks for the index up to which the logs agree, with one message at a time.
 * - `replicate`: entries are sent as they come, without waiting for an answer.
 * - `snapshot`: the member lacks entries that are compacted, and was sent the whole state.
 */
export class Progress {
  state: 'probe' | 'replicate' | 'snapshot' = 'probe';
  /** Up to here the member has what the leader has. */
  match: number;
  next: number;
  isLearner: boolean;
  /** It was heard of since the leader last looked whether it has a majority. */
  isRecent = false;
  /** A probe is under way. */
  isPaused = false;
  /** What it was told to be committed. */
  told = 0;
  /** Of the snapshot that was sent. */
  pending = 0;
  /** Heartbeats answered since then: after many it must have got lost. */
  patience = 0;

  constructor(next: number, match: number, isLearner: boolean) {
    this.next = next;
    this.match = match;
    this.isLearner = isLearner;
  }

  becomeProbe(): void {
    this.next = Math.max(this.match, this.state === 'snapshot' ? this.pending : 0) + 1;
    this.state = 'probe';
    this.isPaused = false;
    this.pending = 0;
  }

  becomeReplicate(): void {
    this.state = 'replicate';
    this.isPaused = false;
    this.pending = 0;
    this.next = this.match + 1;
  }

  becomeSnapshot(index: number): void {
    this.state = 'snapshot';
    this.pending = index;
    this.patience = 0;
  }

  /** The member has everything up to an index. False when that is nothing new. */
  update(index: number): boolean {
    const isNew = index > this.match;
    if (isNew) {
      this.match = index;
      this.isPaused = false;
    }
    this.next = Math.max(this.next, index + 1);
    return isNew;
  }

  /** The member rejected an append behind `rejected`. False when that is an old story. */
  decrease(rejected: number, hint: number): boolean {
    if (this.state === 'replicate') {
      if (rejected <= this.match) return false;
      this.next = this.match + 1;
      return true;
    }
    if (this.next - 1 !== rejected) return false;
    this.next = Math.max(Math.min(rejected, hint + 1), this.match + 1);
    this.isPaused = false;
    return true;
  }
}
