/**
 * A member that serves: it puts requests before the group, applies what was agreed on, and answers.
 *
 * - One that is alone and always was writes without a log: what it writes is agreed on.
 * - In a group every write is a proposal and every read waits for the leader to confirm that it leads (server/etcdserver/v3_server.go).
 * - Heartbeats and elections are background work. While somebody in the foreground waits, the cluster is not settled.
 */
import type { Call, Kernel, Timer } from '../../kernel/index.ts';
import { WaitQueue } from '../../kernel/index.ts';
import type { Command, MemberImage, Request, Result } from './command.ts';
import { carryOut, imageOf, restoreImage } from './command.ts';
import type { EtcdEndpoint, EtcdStatus } from './endpoint.ts';
import { etcdVersion } from './endpoint.ts';
import { EtcdError, etcdError } from './errors.ts';
import type { Keyspace } from './keyspace.ts';
import type { KvTransaction, KvTransactionResult } from './kv.ts';
import { checkTransaction, costOf, isReadOnly, transact } from './kv.ts';
import type { DataDirectory, Member } from './membership.ts';
import { memberIdOf } from './membership.ts';
import type { ConfChange, Entry, Message } from './raft/index.ts';
import { createDisk, LostLogError, Raft } from './raft/index.ts';
import { RaftWatch } from './raft-watch.ts';
import type { EtcdData, Transaction, TransactionResult } from './store.ts';

/** Flags of etcd and what it does unless they say otherwise. */
export interface MemberOptions {
  readonly kernel: Kernel;
  readonly directory: DataDirectory;
  readonly name: string;
  readonly heartbeatMs?: number;
  readonly electionMs?: number;
  /** --snapshot-count: entries that are kept at most behind what was applied. */
  readonly snapshotCount?: number;
  readonly quotaBytes?: number;
  readonly log?: (level: 'info' | 'warn' | 'error' | 'panic', msg: string, more?: object) => void;
  readonly send?: (message: Message) => void;
  /** Called with an exit code when the member cannot go on: 0 when the group has removed it. */
  readonly onEnd?: (code: number) => void;
}

/** Entries that stay behind a snapshot, for members that lag a little (server.go, DefaultSnapshotCatchUpEntries). */
const catchUpEntries = 5000;
const readRetryMs = 500;
const slowMs = 100;
/** 2 GiB (server/storage/quota.go). */
export const defaultQuotaBytes = 2 * 1024 ** 3;
/** Writes between two looks at the size, as long as it is far from the quota. */
const sizeCheckWrites = 1024;

interface Waiting {
  readonly queue: WaitQueue;
  readonly startedMs: number;
  isProposed: boolean;
  isDone: boolean;
  result: Result;
  error: Error | undefined;
}

/** Readers that ask together. */
interface ReadBatch {
  readonly queue: WaitQueue;
  readonly isQuiet: boolean;
  context: string;
  index: number | undefined;
  error: EtcdError | undefined;
}

export class EtcdMember implements EtcdEndpoint {
  readonly directory: DataDirectory;
  raft: Raft | undefined;
  readonly #options: MemberOptions;
  readonly #kernel: Kernel;
  readonly #started: number;
  #watch: RaftWatch | undefined;
  #lastId = 0;
  readonly #waiting = new Map<string, Waiting>();
  #reading: ReadBatch | undefined;
  #nextRead: ReadBatch | undefined;
  #isStopped = false;
  #writesToCheck = 0;
  proposalsFailed = 0;

  constructor(options: MemberOptions) {
    this.#options = options;
    this.#kernel = options.kernel;
    this.#started = options.kernel.loop.now;
    this.directory = options.directory;
    if (options.directory.disk) this.#join();
    else this.data.leases.setPrimary((lease) => this.data.revoke(lease));
  }

  get data(): EtcdData {
    return this.directory.data;
  }

  get quotaBytes(): number {
    return this.#options.quotaBytes ?? defaultQuotaBytes;
  }

  get isLearner(): boolean {
    return this.raft?.isLearner ?? false;
  }

  /** Whether the group has a leader that this member knows. */
  get hasLeader(): boolean {
    return this.raft === undefined || this.raft.lead !== '';
  }

  get proposalsPending(): number {
    return this.#waiting.size;
  }

  get leaderChanges(): number {
    return this.#watch?.changes ?? 1;
  }

  /** Election timeout twice, and the time of the request itself (config.go, ReqTimeout). */
  get requestTimeoutMs(): number {
    return 5000 + 2 * (this.#options.electionMs ?? 1000);
  }

  /** The process ends: whoever waits is told, and leases are nobody's. */
  stop(): void {
    this.#isStopped = true;
    this.data.leases.setPrimary(undefined);
    for (const waiting of this.#waiting.values()) finish(waiting, undefined, etcdError('stopped'));
    for (const batch of [this.#reading, this.#nextRead, ...this.#answered]) {
      if (!batch) continue;
      batch.error = etcdError('stopped');
      batch.queue.wake();
    }
  }

  /** A message of another member. */
  receive(message: Message): void {
    if (this.#isStopped || !this.raft) return;
    try {
      this.raft.step(message);
    } catch (error) {
      if (!(error instanceof LostLogError)) throw error;
      this.#options.log?.('panic', error.message, { logger: 'raft', caller: 'v3@v3.6.0/log.go:324' });
      return this.#options.onEnd?.(2);
    }
    this.#carryOut();
  }

  *txn(transaction: Transaction): Call<TransactionResult> {
    const bytes = bytesOf(transaction);
    if (bytes !== undefined && (this.directory.alarms.size > 0 || bytes > 0 || --this.#writesToCheck < 0)) yield* this.#checkSpace(bytes);
    if (!this.raft) {
      this.directory.applied++;
      return this.data.txn(transaction);
    }
    const isQuiet = this.#kernel.isInBackground && transaction.success.every(({ keyspace }) => keyspace.settings.isQuiet);
    return (yield* this.#process({ type: 'txn', transaction }, isQuiet)) as TransactionResult;
  }

  /** A transaction over keys. One that only reads is not put before the group. */
  *kv(transaction: KvTransaction): Call<KvTransactionResult> {
    checkTransaction(transaction);
    if (isReadOnly(transaction)) {
      yield* this.linearizable();
      return transact(this.data, transaction);
    }
    const bytes = costOf(transaction);
    if (bytes > 0) yield* this.#checkSpace(bytes);
    return (yield* this.#process({ type: 'kv', transaction })) as KvTransactionResult;
  }

  *linearizable(of?: Keyspace, timeoutMs = this.requestTimeoutMs): Call<void> {
    if (!this.raft) return;
    if (this.isLearner) throw etcdError('rpcNotSupportedForLearner');
    const startedMs = this.#kernel.loop.now;
    const batch = this.#joinRead();
    const timer = this.#deadline(timeoutMs, batch.queue);
    const until = startedMs + timeoutMs;
    while (batch.error === undefined && !(batch.index !== undefined && this.directory.applied >= batch.index)) {
      if (this.#kernel.loop.now >= until) break;
      yield* this.#kernel.block(batch.queue, 'etcd read');
    }
    timer.cancel();
    const isLate = batch.index === undefined || this.directory.applied < batch.index;
    const error = batch.error ?? (isLate ? etcdError('timeout') : undefined);
    const tookMs = this.#kernel.loop.now - startedMs;
    if (tookMs > slowMs) this.#warnSlow('read-only range ', of ? `key:${JSON.stringify(of.prefix)} ` : '', tookMs, error);
    if (error) throw error;
  }

  *grant(ttlMs: number): Call<number> {
    if (!this.raft && this.directory.alarms.size === 0) return this.data.leases.grant(ttlMs);
    return (yield* this.#process({ type: 'grant', ttlMs })) as number;
  }

  *revoke(lease: number): Call<void> {
    yield* this.#process({ type: 'revoke', lease });
  }

  *keepAlive(lease: number): Call<void> {
    yield* this.#process({ type: 'renew', lease });
  }

  *compact(revision: number): Call<void> {
    yield* this.#process({ type: 'compact', revision });
  }

  *setAlarm(member: string, isOn: boolean): Call<void> {
    yield* this.#process({ type: 'alarm', member, isOn });
    this.#writesToCheck = 0;
  }

  /** Tells the group the member's name and where clients find it, until it has heard. */
  *publish(name: string, clientURLs: readonly string[]): Call<void> {
    const { memberId } = this.directory;
    for (;;) {
      const known = this.directory.members.get(memberId);
      if (this.#isStopped || (known?.name === name && known.clientURLs.join() === clientURLs.join())) return;
      try {
        yield* this.#process({ type: 'publish', member: memberId, name, clientURLs }, true);
      } catch (error) {
        if (!(error instanceof EtcdError)) throw error;
        yield* this.#kernel.sleep(slowMs, true);
      }
    }
  }

  *addMember(peerURLs: readonly string[], isLearner: boolean): Call<Member> {
    const { members } = this.directory;
    for (const known of members.values()) if (known.peerURLs.some((url) => peerURLs.includes(url))) throw etcdError('peerURLExists');
    if (isLearner && [...members.values()].some((known) => known.isLearner)) throw etcdError('tooManyLearners');
    const id = memberIdOf(peerURLs, '', Math.floor(this.#kernel.clock.unixMs / 1000));
    const member: Member = { id, name: '', peerURLs, clientURLs: [], isLearner };
    this.#becomeGroup();
    if (!isLearner) this.#checkStrictly((voters) => voters + 1);
    yield* this.#process({ type: 'member', member }, false, { type: isLearner ? 'add-learner' : 'add', member: id });
    return member;
  }

  *promoteMember(id: string): Call<Member> {
    const known = this.#memberOf(id);
    if (!known.isLearner) throw etcdError('memberNotLearner');
    // Differs from Kubernetes: a member that does not lead cannot know how far the learner has come, and does not ask the leader.
    const { raft } = this;
    if (raft?.role === 'leader' && (raft.progressOf(id)?.match ?? 0) < raft.log.commit * 0.9) throw etcdError('learnerNotReady');
    const member: Member = { ...known, isLearner: false };
    yield* this.#process({ type: 'member', member }, false, { type: 'add', member: id });
    return member;
  }

  *removeMember(id: string): Call<void> {
    const known = this.#memberOf(id);
    this.#becomeGroup();
    if (!known.isLearner) this.#checkStrictly((voters) => voters - 1, id);
    yield* this.#process({ type: 'remove-member', member: id }, false, { type: 'remove', member: id });
  }

  *updateMember(id: string, peerURLs: readonly string[]): Call<void> {
    yield* this.#process({ type: 'member', member: { ...this.#memberOf(id), peerURLs } });
  }

  *moveLeader(target: string): Call<void> {
    if (this.raft ? this.raft.role !== 'leader' : false) throw etcdError('notLeader');
    if (target === this.directory.memberId) return;
    const known = this.#memberOf(target);
    if (!this.raft || known.isLearner) throw etcdError('badTransferee');
    this.raft.transfer(target);
    this.#carryOut();
    const until = this.#kernel.loop.now + this.requestTimeoutMs;
    while (this.raft.lead !== target) {
      if (this.#kernel.loop.now >= until) throw etcdError('timeoutLeaderFailed');
      yield* this.#kernel.sleep(100, this.#kernel.isInBackground);
    }
  }

  /** Gives back what history left free. */
  defragment(): void {
    this.data.size.defragment();
  }

  status(): EtcdStatus {
    const { directory, raft, quotaBytes } = this;
    const { memberId, members, clusterId, applied, alarms } = directory;
    const self = members.get(memberId);
    const errors = [
      ...(this.hasLeader ? [] : ['etcdserver: no leader']),
      ...[...alarms].map((member) => `memberID:${member} alarm:NOSPACE `),
    ];
    return {
      name: this.#options.name,
      id: memberId,
      clusterId,
      version: etcdVersion,
      dbSizeBytes: this.data.size.total,
      dbInUseBytes: this.data.size.inUse,
      quotaBytes,
      isLeader: raft ? raft.role === 'leader' : true,
      isLearner: this.isLearner,
      leader: raft ? raft.lead : memberId,
      raftTerm: raft?.term ?? directory.term,
      raftIndex: raft?.log.commit ?? applied,
      raftAppliedIndex: applied,
      errors,
      clientURLs: self?.clientURLs ?? [],
      peerURLs: self?.peerURLs ?? [],
      members: [...members.values()],
      alarms: [...alarms],
    };
  }

  // The group

  /** A member that was alone begins a log, behind all that it has written. */
  #becomeGroup(): void {
    if (this.raft) return;
    const { directory } = this;
    directory.disk = createDisk({ voters: [directory.memberId], learners: [] }, { index: directory.applied, term: directory.term });
    this.data.leases.setPrimary(undefined);
    this.#join();
    this.raft!.step({ type: 'timeout-now', from: directory.memberId, to: directory.memberId, term: directory.term });
    this.#carryOut();
  }

  #join(): void {
    const { directory } = this;
    const { heartbeatMs = 100, electionMs = 1000, log } = this.#options;
    const { random, loop } = this.#kernel;
    const raft = new Raft({
      id: directory.memberId,
      disk: directory.disk!,
      applied: directory.applied,
      electionTicks: Math.max(2, Math.floor(electionMs / heartbeatMs)),
      heartbeatTicks: 1,
      random: (limit) => random.below(limit),
      snapshot: () => {
        const { applied } = directory;
        return { index: applied, term: raft.log.term(applied)!, conf: raft.conf, data: imageOf(directory) };
      },
    });
    this.raft = raft;
    raft.conf = {
      voters: [...directory.members.values()].flatMap(({ id, isLearner }) => (isLearner || directory.applied === 0 ? [] : [id])).sort(),
      learners: [...directory.members.values()].flatMap(({ id, isLearner }) => (isLearner && directory.applied > 0 ? [id] : [])).sort(),
    };
    this.#watch = new RaftWatch(raft, log ?? (() => undefined), () => loop.now);
    const tick = (): void => {
      if (this.#isStopped) return;
      raft.tick();
      this.#carryOut();
      loop.after(heartbeatMs, tick, undefined, true);
    };
    loop.after(heartbeatMs, tick, undefined, true);
  }

  #carryOut(): void {
    const raft = this.raft!;
    const { directory } = this;
    while (raft.hasReady && !this.#isStopped) {
      const { snapshot, committed, messages, reads } = raft.takeReady();
      if (snapshot) {
        restoreImage(directory, snapshot.data as MemberImage);
        directory.applied = snapshot.index;
      }
      for (const entry of committed) this.#apply(entry);
      for (const message of messages) this.#options.send?.(message);
      for (const { context, index } of reads) {
        if (this.#reading?.context !== context) continue;
        this.#reading.index = index;
        this.#answered.push(this.#reading);
        this.#endRead();
      }
      while (this.#answered.length > 0 && this.#answered[0]!.index! <= directory.applied) this.#answered.shift()!.queue.wake();
      const { snapshotCount = 10_000 } = this.#options;
      if (directory.applied - raft.log.base.index > snapshotCount + catchUpEntries) raft.compact(directory.applied - catchUpEntries);
    }
    if (!this.#watch?.look()) return;
    this.data.leases.setPrimary(raft.role === 'leader' ? (lease) => this.#expire(lease) : undefined);
    this.#leaderChanged();
  }

  #apply(entry: Entry): void {
    const { directory } = this;
    directory.applied = entry.index;
    const command = entry.data as Command | undefined;
    if (entry.conf) this.raft!.applyConf(entry.conf);
    if (command) {
      const waiting = this.#waiting.get(command.id);
      try {
        const result = carryOut(directory, command.request, command.isSealed);
        if (waiting) finish(waiting, result, undefined);
      } catch (error) {
        if (waiting) finish(waiting, undefined, error as Error);
      }
      command.isSealed = true;
    }
    if (entry.conf?.type === 'remove' && entry.conf.member === directory.memberId) this.#options.onEnd?.(0);
  }

  /** Puts a request before the group and waits until it is carried out here. */
  *#process(request: Request, isQuiet = false, conf?: ConfChange): Call<Result> {
    const { directory } = this;
    if (!this.raft) {
      directory.applied++;
      return carryOut(directory, request, false);
    }
    if (this.isLearner && request.type !== 'publish') throw etcdError('rpcNotSupportedForLearner');
    const id = `${directory.memberId}/${this.#started}/${++this.#lastId}`;
    const { loop } = this.#kernel;
    const waiting: Waiting = {
      queue: new WaitQueue(),
      startedMs: loop.now,
      isProposed: false,
      isDone: false,
      result: undefined,
      error: undefined,
    };
    this.#waiting.set(id, waiting);
    const command: Command = { id, request, isSealed: false };
    const until = loop.now + this.requestTimeoutMs;
    const timer = this.#deadline(this.requestTimeoutMs, waiting.queue);
    try {
      for (;;) {
        if (!waiting.isProposed && this.raft.propose({ data: command, isQuiet, ...(conf && { conf }) })) {
          waiting.isProposed = true;
          this.#carryOut();
        }
        if (waiting.isDone || loop.now >= until) break;
        yield* this.#kernel.block(waiting.queue, 'etcd commit');
      }
    } finally {
      timer.cancel();
      this.#waiting.delete(id);
    }
    if (waiting.error) throw waiting.error;
    if (!waiting.isDone) {
      this.proposalsFailed++;
      throw this.#timeoutOf(waiting.startedMs);
    }
    return waiting.result;
  }

  /** parseProposeCtxErr: why a proposal may not have got through. */
  #timeoutOf(startedMs: number): EtcdError {
    const { electedMs } = this.#watch!;
    const { electionMs = 1000 } = this.#options;
    if (startedMs > electedMs - 2 * electionMs && startedMs < electedMs) return etcdError('timeoutLeaderFailed');
    return etcdError('timeout');
  }

  #expire(lease: number): void {
    this.raft?.propose({ data: { id: '', request: { type: 'revoke', lease }, isSealed: false } satisfies Command, isQuiet: true });
    this.#carryOut();
  }

  /** Wakes whoever waits, once the time is over. While somebody in the foreground waits, the cluster is not settled. */
  #deadline(ms: number, queue: WaitQueue): Timer {
    return this.#kernel.loop.timer(ms, () => queue.wake(), this.#kernel.isInBackground);
  }

  // Reading

  /** Batches whose index is known and perhaps not applied yet. */
  readonly #answered: ReadBatch[] = [];

  /** Who comes while a question is under way joins those who ask next: the answer may be older than the question. */
  #joinRead(): ReadBatch {
    const isQuiet = this.#kernel.isInBackground;
    if (this.#nextRead) return this.#nextRead;
    const batch: ReadBatch = { queue: new WaitQueue(), isQuiet, context: '', index: undefined, error: undefined };
    this.#nextRead = batch;
    if (!this.#reading) this.#beginRead();
    return batch;
  }

  #beginRead(): void {
    const batch = this.#nextRead;
    this.#nextRead = undefined;
    this.#reading = batch;
    if (batch) this.#ask(batch, this.#kernel.loop.now + this.requestTimeoutMs);
  }

  /** Asks the leader, and again while no answer comes. */
  #ask(batch: ReadBatch, until: number): void {
    const { loop } = this.#kernel;
    const { log } = this.#options;
    if (loop.now >= until) {
      const timeout = `${this.requestTimeoutMs / 1000}s`;
      log?.('warn', 'timed out waiting for read index response (local node might have slow network)', {
        caller: 'etcdserver/v3_server.go:924',
        timeout,
      });
      batch.error = etcdError('timeout');
      batch.queue.wake();
      return this.#endRead();
    }
    if (batch.context !== '')
      log?.('warn', 'waiting for ReadIndex response took too long, retrying', {
        caller: 'etcdserver/v3_server.go:912',
        'retry-timeout': `${readRetryMs}ms`,
      });
    this.#question(batch);
    const again = (): void => {
      if (this.#reading === batch && !this.#isStopped) this.#ask(batch, until);
    };
    loop.after(readRetryMs, again, undefined, true);
  }

  #question(batch: ReadBatch): void {
    batch.context = `${this.directory.memberId}/${this.#started}/${++this.#lastId}`;
    if (this.raft!.read(batch.context, batch.isQuiet)) this.#carryOut();
  }

  #endRead(): void {
    this.#reading = undefined;
    if (this.#nextRead) this.#beginRead();
  }

  /**
   * Who could not propose before may now. Readers ask anew; upstream they are told that the leader changed, and etcd's client asks
   * again for them.
   */
  #leaderChanged(): void {
    if (this.raft!.lead === '') return;
    for (const waiting of this.#waiting.values()) if (!waiting.isProposed) waiting.queue.wake();
    if (this.#reading) this.#question(this.#reading);
  }

  #warnSlow(prefix: string, request: string, tookMs: number, error: Error | undefined): void {
    this.#options.log?.('warn', 'apply request took too long', {
      caller: 'txn/util.go:94',
      took: `${tookMs}ms`,
      'expected-duration': `${slowMs}ms`,
      prefix,
      request,
      response: '',
      ...(error && { error: error.message }),
    });
  }

  // Space

  /** Raises the alarm before a write that would be too much (server/etcdserver/api/v3rpc/quota.go). */
  *#checkSpace(more: number): Call<void> {
    const { directory, quotaBytes } = this;
    if (directory.alarms.size === 0) {
      const left = quotaBytes - this.data.size.total - more;
      if (left >= 0) {
        this.#writesToCheck = left > quotaBytes / 4 ? sizeCheckWrites : 0;
        return;
      }
      yield* this.setAlarm(directory.memberId, true);
    }
    throw etcdError('noSpace');
  }

  // Changes of the group

  #memberOf(id: string): Member {
    const known = this.directory.members.get(id);
    if (!known) throw etcdError('memberNotFound');
    return known;
  }

  /** --strict-reconfig-check: a change must leave a majority of members that are connected. */
  #checkStrictly(after: (voters: number) => number, leaving?: string): void {
    const { raft } = this;
    if (!raft) return;
    const voters = raft.conf.voters;
    const isAlive = (id: string): boolean => id === raft.id || raft.role !== 'leader' || raft.progressOf(id)?.isRecent === true;
    const started = voters.filter((id) => id !== leaving && isAlive(id)).length;
    if (started < Math.floor(after(voters.length) / 2) + 1 && after(voters.length) > 1)
      throw etcdError(leaving === undefined ? 'unhealthy' : 'notEnoughStarted');
  }
}

/** What a transaction writes beside API objects, whose size is estimated; undefined when it only deletes. */
function bytesOf({ success }: Transaction): number | undefined {
  let bytes: number | undefined;
  for (const operation of success) if (operation.type === 'put') bytes = (bytes ?? 0) + (operation.bytes ?? 0);
  return bytes;
}

function finish(waiting: Waiting, result: Result, error: Error | undefined): void {
  waiting.result = result;
  waiting.error = error;
  waiting.isDone = true;
  waiting.queue.wake();
}
