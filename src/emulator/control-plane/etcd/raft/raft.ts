/** One member of a raft group. Upstream: go.etcd.io/raft, raft.go, with CheckQuorum and PreVote, as etcd runs it. */
import { RaftLog } from './log.ts';
import type { ConfChange, Configuration, Disk, Message, Outgoing, Proposal, Ready, Snapshot } from './messages.ts';
import { Progress } from './progress.ts';
import type { Question } from './read-only.ts';
import { ReadOnly } from './read-only.ts';

export type Role = 'follower' | 'pre-candidate' | 'candidate' | 'leader';

export interface RaftOptions {
  readonly id: string;
  readonly disk: Disk;
  /** Up to here the state machine has applied the log. */
  readonly applied: number;
  /** Heartbeats between two checks of the majority; an election begins after one to two times as many ticks. */
  readonly electionTicks: number;
  readonly heartbeatTicks: number;
  /** Below a limit, from 0. */
  readonly random: (limit: number) => number;
  /** The whole state at what is applied, for a member that lags too far behind. */
  readonly snapshot: () => Snapshot;
  /** Entries in one message. */
  readonly batch?: number;
}

type Received<T extends Message['type']> = Extract<Message, { readonly type: T }>;

/** Ticks that a snapshot may be under way, in answered heartbeats. */
const snapshotPatience = 10;

export class Raft {
  readonly id: string;
  term: number;
  vote: string;
  /** Empty while there is none. */
  lead = '';
  role: Role = 'follower';
  readonly log: RaftLog;
  conf: Configuration;
  readonly #options: RaftOptions;
  #progress = new Map<string, Progress>();
  #votes = new Map<string, boolean>();
  #electionElapsed = 0;
  #heartbeatElapsed = 0;
  #electionTimeout = 0;
  #transferee = '';
  /** A change of the group at or before this index may not be applied yet: then no other is taken. */
  #pendingConf = 0;
  readonly #reads = new ReadOnly();
  /** Questions that came before the leader has committed anything in its term. */
  #early: Question[] = [];
  #messages: Message[] = [];
  #answered: { readonly context: string; readonly index: number }[] = [];
  #restored: Snapshot | undefined;

  constructor(options: RaftOptions) {
    const { id, disk, applied } = options;
    this.#options = options;
    this.id = id;
    this.term = disk.hard.term;
    this.vote = disk.hard.vote;
    this.conf = disk.snapshot.conf;
    this.log = new RaftLog(disk, applied);
    this.#becomeFollower(this.term, '');
  }

  get isLearner(): boolean {
    return this.conf.learners.includes(this.id);
  }

  /** Whether something is waiting for `takeReady`. */
  get hasReady(): boolean {
    const { hard, entries, snapshot } = this.#options.disk;
    return (
      this.#messages.length > 0 ||
      this.#answered.length > 0 ||
      this.#restored !== undefined ||
      this.log.applied < this.log.commit ||
      hard.term !== this.term ||
      hard.vote !== this.vote ||
      snapshot.index + entries.length !== this.log.lastIndex
    );
  }

  /** What a leader knows of the others, for `endpoint status` and promotions. */
  progressOf(member: string): { readonly match: number; readonly isRecent: boolean } | undefined {
    return this.#progress.get(member);
  }

  /**
   * Writes to disk what must be there, and hands over what there is to do: apply the snapshot and what is committed, then send.
   * What was not taken is lost in a crash, and nobody has heard of it.
   */
  takeReady(): Ready {
    const { disk } = this.#options;
    const { log } = this;
    const snapshot = this.#restored;
    this.#restored = undefined;
    if (snapshot) {
      disk.snapshot = snapshot;
      disk.entries = [];
    }
    log.persist(disk);
    const { hard } = disk;
    if (hard.term !== this.term || hard.vote !== this.vote || hard.commit !== log.commit)
      disk.hard = { term: this.term, vote: this.vote, commit: log.commit };
    const committed = log.applied < log.commit ? log.slice(log.applied + 1, log.commit - log.applied)! : [];
    log.applied = log.commit;
    const [messages, reads] = [this.#messages, this.#answered];
    this.#messages = [];
    this.#answered = [];
    return { snapshot, committed, messages, reads };
  }

  /** Forgets the log up to an index that is applied. */
  compact(index: number): void {
    const { disk } = this.#options;
    if (index <= this.log.base.index || index > this.log.applied) return;
    this.log.persist(disk);
    this.log.compact(index);
    disk.entries.splice(0, index - disk.snapshot.index);
    disk.snapshot = { ...this.log.base, conf: this.conf, data: undefined };
  }

  tick(): void {
    const { electionTicks, heartbeatTicks } = this.#options;
    this.#electionElapsed++;
    if (this.role !== 'leader') {
      if (this.#isPromotable && this.#electionElapsed >= this.#electionTimeout) {
        this.#electionElapsed = 0;
        this.#campaign('pre-vote');
      }
      return;
    }
    this.#heartbeatElapsed++;
    if (this.#electionElapsed >= electionTicks) {
      this.#electionElapsed = 0;
      if (!this.#hasRecentMajority()) this.#becomeFollower(this.term, '');
      this.#transferee = '';
    }
    if (this.role === 'leader' && this.#heartbeatElapsed >= heartbeatTicks) {
      this.#heartbeatElapsed = 0;
      this.#beat(this.#reads.last, true);
    }
  }

  /** False when there is no leader that could take it. */
  propose(proposal: Proposal): boolean {
    return this.#propose([proposal], proposal.isQuiet);
  }

  /** False when there is no leader to ask. The answer comes with `takeReady`, or never. */
  read(context: string, isQuiet?: boolean): boolean {
    if (this.role === 'leader') this.#take({ from: this.id, context, isQuiet });
    else if (this.lead === '') return false;
    else this.#send({ type: 'read', to: this.lead, term: 0, context, isQuiet });
    return true;
  }

  /** Asks the leader to hand over to another member. */
  transfer(target: string): void {
    if (this.role === 'leader') this.#transferTo(target);
    else if (this.lead !== '') this.#send({ type: 'transfer', to: this.lead, target });
  }

  /** To be called when a change of the group is applied. */
  applyConf({ type, member }: ConfChange): void {
    const others = (list: readonly string[]): string[] => list.filter((other) => other !== member);
    const { voters, learners } = this.conf;
    if (type === 'add' && !voters.includes(member)) this.conf = { voters: [...voters, member].sort(), learners: others(learners) };
    if (type === 'add-learner' && !voters.includes(member)) this.conf = { voters, learners: [...others(learners), member].sort() };
    if (type === 'remove') this.conf = { voters: others(voters), learners: others(learners) };
    if (this.role !== 'leader') return;
    for (const known of [...this.#progress.keys()]) if (!this.#isMember(known)) this.#progress.delete(known);
    for (const known of [...voters, ...learners, member]) this.#track(known);
    if (this.#transferee === member && type === 'remove') this.#transferee = '';
    if (!this.conf.voters.includes(this.id)) return this.#becomeFollower(this.term, '');
    this.#advanceCommit();
    this.#broadcast();
  }

  step(message: Message): void {
    if (message.term > this.term) {
      const isVote = message.type === 'vote' || message.type === 'pre-vote';
      // Who hears from a leader does not let itself be disturbed by one who was cut off.
      if (isVote && !message.isTransfer && this.lead !== '' && this.#electionElapsed < this.#options.electionTicks) return;
      const isPromise = message.type === 'pre-vote' || (message.type === 'pre-vote-response' && !message.reject);
      const isFromLeader = message.type === 'append' || message.type === 'heartbeat' || message.type === 'snapshot';
      if (!isPromise) this.#becomeFollower(message.term, isFromLeader ? message.from : '');
    } else if (message.term > 0 && message.term < this.term) return this.#answerOld(message);
    switch (message.type) {
      case 'vote':
      case 'pre-vote':
        return this.#vote(message);
      case 'propose':
        this.#propose(message.entries, message.isQuiet);
        return;
      case 'read':
        if (this.role === 'leader') this.#take(message);
        return;
      case 'read-response':
        this.#answered.push({ context: message.context, index: message.index });
        return;
      case 'transfer':
        return this.transfer(message.target);
      case 'timeout-now':
        if (this.role === 'follower' && this.#isPromotable) this.#campaign('transfer');
        return;
      default:
        return this.#stepInTerm(message);
    }
  }

  /** Whether entries up to an index may be committed by counting who has them: only through one of the leader's own term. */
  protected isCountable(index: number): boolean {
    return this.log.term(index) === this.term;
  }

  /** Whether this member may still give its vote in the message's term. */
  protected isFreeToVote({ type, from, term }: Received<'vote' | 'pre-vote'>): boolean {
    return this.vote === from || (this.vote === '' && this.lead === '') || (type === 'pre-vote' && term > this.term);
  }

  /** Whether so many confirm that this member leads. */
  protected isConfirmed(members: ReadonlySet<string>): boolean {
    return this.#isMajority((member) => members.has(member));
  }

  #stepInTerm(message: Message): void {
    switch (message.type) {
      case 'append':
      case 'heartbeat':
      case 'snapshot':
        if (this.role !== 'follower') this.#becomeFollower(this.term, message.from);
        this.#electionElapsed = 0;
        this.lead = message.from;
        if (message.type === 'append') this.#append(message);
        else if (message.type === 'snapshot') this.#restore(message);
        else {
          this.log.commitTo(message.commit);
          this.#send({ type: 'heartbeat-response', to: message.from, context: message.context, isQuiet: message.isQuiet });
        }
        return;
      case 'vote-response':
      case 'pre-vote-response':
        return this.#count(message);
      case 'append-response':
        if (this.role === 'leader') this.#appended(message);
        return;
      case 'heartbeat-response':
        if (this.role === 'leader') this.#beaten(message);
        return;
    }
  }

  /** A leader of an older term hears that its time is over; a candidate of one that it cannot win. */
  #answerOld(message: Message): void {
    if (message.type === 'append' || message.type === 'heartbeat')
      this.#send({ type: 'append-response', to: message.from, index: 0, isQuiet: true });
    else if (message.type === 'pre-vote') this.#send({ type: 'pre-vote-response', to: message.from, reject: true, isQuiet: true });
  }

  // Elections

  get #isPromotable(): boolean {
    return this.conf.voters.includes(this.id) && this.#restored === undefined;
  }

  #campaign(kind: 'pre-vote' | 'vote' | 'transfer'): void {
    if (this.role === 'leader') return;
    // A change of the group that is committed and not applied may have taken the vote from this member.
    if (this.log.slice(this.log.applied + 1)?.some(({ index, conf }) => conf && index <= this.log.commit)) return;
    this.#reset(kind === 'pre-vote' ? this.term : this.term + 1);
    this.role = kind === 'pre-vote' ? 'pre-candidate' : 'candidate';
    if (kind !== 'pre-vote') this.vote = this.id;
    this.#votes.set(this.id, true);
    if (this.#isMajority((member) => member === this.id)) return this.#won();
    const type = kind === 'pre-vote' ? 'pre-vote' : 'vote';
    const { lastIndex: index, lastTerm: logTerm } = this.log;
    // Before an election a member asks for the next term without entering it.
    const term = kind === 'pre-vote' ? this.term + 1 : this.term;
    for (const to of this.conf.voters)
      if (to !== this.id) this.#send({ type, to, term, index, logTerm, isTransfer: kind === 'transfer', isQuiet: true });
  }

  #vote(message: Received<'vote' | 'pre-vote'>): void {
    const { type, from, term, index, logTerm } = message;
    const response = type === 'vote' ? 'vote-response' : 'pre-vote-response';
    if (!this.isFreeToVote(message) || !this.log.isUpToDate(index, logTerm))
      return this.#send({ type: response, to: from, reject: true, isQuiet: true });
    this.#send({ type: response, to: from, term, reject: false, isQuiet: true });
    if (type === 'pre-vote') return;
    this.#electionElapsed = 0;
    this.vote = from;
  }

  #count({ type, from, reject }: Received<'vote-response' | 'pre-vote-response'>): void {
    if (this.role !== (type === 'vote-response' ? 'candidate' : 'pre-candidate')) return;
    if (!this.#votes.has(from)) this.#votes.set(from, !reject);
    if (this.#isMajority((member) => this.#votes.get(member) === true)) this.#won();
    else if (this.#isMajority((member) => this.#votes.get(member) === false)) this.#becomeFollower(this.term, '');
  }

  #won(): void {
    if (this.role === 'pre-candidate') return this.#campaign('vote');
    this.#reset(this.term);
    this.role = 'leader';
    this.lead = this.id;
    for (const member of [...this.conf.voters, ...this.conf.learners]) this.#track(member);
    // Whether one is under way is not known: nothing is changed before what is there is applied.
    this.#pendingConf = this.log.lastIndex;
    this.#appendOwn([{ data: undefined }]);
    this.#broadcast();
  }

  #becomeFollower(term: number, lead: string): void {
    this.#reset(term);
    this.role = 'follower';
    this.lead = lead;
  }

  #reset(term: number): void {
    if (term !== this.term) {
      this.term = term;
      this.vote = '';
    }
    const { electionTicks, random } = this.#options;
    this.lead = '';
    this.#electionElapsed = 0;
    this.#heartbeatElapsed = 0;
    this.#electionTimeout = electionTicks + random(electionTicks);
    this.#transferee = '';
    this.#votes = new Map();
    this.#progress = new Map();
    this.#pendingConf = 0;
    this.#reads.clear();
    this.#early = [];
  }

  #hasRecentMajority(): boolean {
    const isRecent = this.#isMajority((member) => member === this.id || this.#progress.get(member)?.isRecent === true);
    for (const progress of this.#progress.values()) progress.isRecent = false;
    return isRecent;
  }

  // The leader

  #propose(proposals: readonly Proposal[], isQuiet: boolean | undefined): boolean {
    if (this.role !== 'leader') {
      if (this.lead === '') return false;
      this.#send({ type: 'propose', to: this.lead, term: 0, entries: proposals, isQuiet });
      return true;
    }
    if (this.#transferee !== '') return false;
    this.#appendOwn(proposals);
    this.#broadcast();
    return true;
  }

  #appendOwn(proposals: readonly Proposal[]): void {
    for (const { data, conf, isQuiet } of proposals) {
      const index = this.log.lastIndex + 1;
      const isRefused = conf !== undefined && this.#pendingConf > this.log.applied;
      if (conf && !isRefused) this.#pendingConf = index;
      this.log.push({ term: this.term, index, data: isRefused ? undefined : data, conf: isRefused ? undefined : conf, isQuiet });
    }
    this.#progress.get(this.id)?.update(this.log.lastIndex);
    this.#advanceCommit();
  }

  /** Commits what a majority has. Returns whether that is more than before. */
  #advanceCommit(): boolean {
    const matches = this.conf.voters.map((member) => this.#progress.get(member)?.match ?? 0).sort((a, b) => b - a);
    const index = matches[this.conf.voters.length >> 1] ?? 0;
    if (index <= this.log.commit || !this.isCountable(index)) return false;
    this.log.commitTo(index);
    for (const question of this.#early.splice(0)) this.#take(question);
    return true;
  }

  #broadcast(): void {
    for (const member of this.#progress.keys()) if (member !== this.id) this.#sendAppend(member);
  }

  #sendAppend(to: string, isNewsOnly = false): boolean {
    const progress = this.#progress.get(to)!;
    if (progress.isPaused || progress.state === 'snapshot') return false;
    const index = progress.next - 1;
    const logTerm = this.log.term(index);
    const entries = this.log.slice(progress.next, this.#options.batch);
    if (logTerm === undefined || !entries) return this.#sendSnapshot(to, progress);
    if (entries.length === 0 && isNewsOnly) return false;
    const { commit } = this.log;
    // That an entry is committed is news too.
    const isQuiet = this.#isQuiet(Math.min(index, progress.told));
    progress.told = commit;
    if (progress.state === 'replicate') progress.next += entries.length;
    else progress.isPaused = true;
    this.#send({ type: 'append', to, index, logTerm, entries, commit, isQuiet });
    return true;
  }

  /** Whether nobody waits for any entry behind an index. */
  #isQuiet(index: number): boolean {
    for (const { isQuiet } of this.log.slice(Math.max(index, this.log.base.index) + 1) ?? []) if (!isQuiet) return false;
    return true;
  }

  #sendSnapshot(to: string, progress: Progress): boolean {
    if (!progress.isRecent) return false;
    const snapshot = this.#options.snapshot();
    progress.becomeSnapshot(snapshot.index);
    this.#send({ type: 'snapshot', to, snapshot });
    return true;
  }

  #beat(context: string | undefined, isQuiet: boolean): void {
    for (const [to, { match }] of this.#progress)
      if (to !== this.id) this.#send({ type: 'heartbeat', to, commit: Math.min(match, this.log.commit), context, isQuiet });
  }

  #appended({ from, index, reject, hint = 0, logTerm = 0 }: Received<'append-response'>): void {
    const progress = this.#progress.get(from);
    if (!progress) return;
    progress.isRecent = true;
    if (reject) {
      if (!progress.decrease(index, this.log.findConflict(hint, logTerm))) return;
      if (progress.state === 'replicate') progress.becomeProbe();
      this.#sendAppend(from);
      return;
    }
    const wasPaused = progress.isPaused;
    const isNew = progress.update(index);
    if (!isNew && !(progress.state === 'probe' && progress.match === index)) return;
    if (progress.state === 'probe' || (progress.state === 'snapshot' && progress.match >= this.log.base.index)) progress.becomeReplicate();
    if (this.#advanceCommit()) this.#broadcast();
    else if (wasPaused) this.#sendAppend(from);
    while (this.#sendAppend(from, true)) if (progress.state !== 'replicate') break;
    if (from === this.#transferee && progress.match === this.log.lastIndex) this.#send({ type: 'timeout-now', to: from });
  }

  #beaten({ from, context }: Received<'heartbeat-response'>): void {
    const progress = this.#progress.get(from);
    if (!progress) return;
    progress.isRecent = true;
    progress.isPaused = false;
    if (progress.state === 'snapshot' && ++progress.patience > snapshotPatience) progress.becomeProbe();
    if (progress.match < this.log.lastIndex || progress.state === 'probe') this.#sendAppend(from);
    if (context === undefined) return;
    const acks = this.#reads.ack(context, from);
    if (acks && this.isConfirmed(acks)) for (const answer of this.#reads.advance(context)) this.#answer(answer, answer.index);
  }

  #take({ from, context, isQuiet }: Question): void {
    const question = { from, context, isQuiet };
    // Before that the leader does not know how far the log was committed in earlier terms.
    if (this.log.term(this.log.commit) !== this.term) {
      this.#early.push(question);
      return;
    }
    const self = new Set([this.id]);
    if (this.isConfirmed(self)) return this.#answer(question, this.log.commit);
    this.#reads.add(question, this.log.commit, this.id);
    this.#beat(context, isQuiet === true);
  }

  #answer({ from, context, isQuiet }: Question, index: number): void {
    if (from === this.id) this.#answered.push({ context, index });
    else this.#send({ type: 'read-response', to: from, term: 0, context, index, isQuiet });
  }

  #transferTo(target: string): void {
    const progress = this.#progress.get(target);
    if (target === this.id || !progress || progress.isLearner) return;
    this.#transferee = target;
    this.#electionElapsed = 0;
    if (progress.match === this.log.lastIndex) this.#send({ type: 'timeout-now', to: target });
    else this.#sendAppend(target);
  }

  // Followers

  #append({ from, index, logTerm, entries, commit, isQuiet }: Received<'append'>): void {
    const { log } = this;
    if (index < log.commit) return this.#send({ type: 'append-response', to: from, index: log.commit, isQuiet });
    const last = log.merge(index, logTerm, entries);
    if (last !== undefined) {
      log.commitTo(Math.min(commit, last));
      return this.#send({ type: 'append-response', to: from, index: last, isQuiet });
    }
    const hint = log.findConflict(Math.min(index, log.lastIndex), logTerm);
    this.#send({ type: 'append-response', to: from, index, reject: true, hint, logTerm: log.term(hint) ?? 0, isQuiet });
  }

  #restore({ from, snapshot }: Received<'snapshot'>): void {
    const { log } = this;
    if (snapshot.index <= log.commit) return this.#send({ type: 'append-response', to: from, index: log.commit });
    if (log.term(snapshot.index) === snapshot.term) {
      log.commitTo(snapshot.index);
      return this.#send({ type: 'append-response', to: from, index: log.commit });
    }
    log.restore(snapshot);
    this.#restored = snapshot;
    this.conf = snapshot.conf;
    this.#send({ type: 'append-response', to: from, index: log.lastIndex });
  }

  #isMember(member: string): boolean {
    return this.conf.voters.includes(member) || this.conf.learners.includes(member);
  }

  #track(member: string): void {
    if (!this.#isMember(member)) return;
    const isLearner = this.conf.learners.includes(member);
    const known = this.#progress.get(member);
    if (known) known.isLearner = isLearner;
    else {
      const progress = new Progress(this.log.lastIndex + 1, member === this.id ? this.log.lastIndex : 0, isLearner);
      // One that has just joined counts as heard of, until it has had the time to answer.
      progress.isRecent = true;
      this.#progress.set(member, progress);
    }
  }

  #isMajority(has: (member: string) => boolean): boolean {
    const { voters } = this.conf;
    let count = 0;
    for (const member of voters) if (has(member)) count++;
    return count > voters.length >> 1;
  }

  #send(message: Outgoing): void {
    this.#messages.push({ ...message, from: this.id, term: message.term ?? this.term } as Message);
  }
}
