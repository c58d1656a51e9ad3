/** A raft group in any weather, without a cluster: messages are lost, late, doubled and out of order, members crash, the wire is cut. */
import { EventLoop, Kernel, Random, Trace, WallClock } from '../../../kernel/index.ts';
import type { Change, Keyspace } from '../keyspace.ts';
import { EtcdData } from '../store.ts';
import type { EtcdImage } from '../store.ts';
import type { Disk, Entry, Message, Ready } from './index.ts';
import { createDisk, Raft } from './index.ts';
import type { RaftOptions } from './raft.ts';

const prefix = '/registry/things/';

/** How the group is run, for those who break it on purpose. */
export interface Build {
  readonly raft?: (options: RaftOptions) => Raft;
  /** What a crash does to the disk. */
  readonly crash?: (disk: Disk) => void;
}

interface Member {
  readonly id: string;
  readonly disk: Disk;
  readonly data: EtcdData;
  readonly things: Keyspace;
  /** Kept with the data, as etcd keeps its consistent index. */
  applied: number;
  /** Undefined while the process is down. */
  raft: Raft | undefined;
  /** Until then it stands still, and does not know it. */
  pausedUntil: number;
}

/** A client that watches through one member after the other, from where it stands. */
interface Watching {
  seen: number;
  member: Member | undefined;
  stop: () => void;
}

interface Command {
  readonly by: Member;
  readonly write: number;
  /** Forgets the history up to here first. */
  readonly compact?: number;
}

const fail = (what: string): never => {
  throw new Error(what);
};

export class Simulation {
  readonly members: Member[] = [];
  /** Writes that were confirmed to whoever proposed them. */
  readonly acknowledged = new Set<number>();
  readonly #random: Random;
  readonly #loop = new EventLoop();
  readonly #build: Build;
  readonly #flying: { readonly at: number; readonly message: Message }[] = [];
  /** Pairs that do not reach one another. */
  #sides = new Map<string, number>();
  #loss = 0;
  #now = 0;
  #lastWrite = 0;
  #lastRead = 0;
  /** Who leads or led in each term. */
  readonly #leaders = new Map<number, string>();
  /** Every entry that ever lay on a disk, by term and index. */
  readonly #entries = new Map<string, Entry>();
  /** What the group has agreed on, by index. */
  readonly #agreed: Entry[] = [];
  /** The highest revision that anybody was told of. */
  #told = 1;
  readonly #reads = new Map<string, { readonly member: Member; readonly floor: number }>();
  readonly #due: { readonly member: Member; readonly index: number; readonly floor: number }[] = [];
  readonly #watches: Watching[] = [];

  constructor(seed: number, build: Build = {}) {
    this.#random = new Random(seed);
    this.#build = build;
    const kernel = new Kernel({
      loop: this.#loop,
      clock: new WallClock(this.#loop, 0),
      random: this.#random,
      trace: new Trace(this.#loop),
    });
    const size = this.#random.below(4) === 0 ? 5 : 3;
    const voters = ['a', 'b', 'c', 'd', 'e'].slice(0, size);
    for (const id of voters) {
      const data = new EtcdData(kernel);
      const disk = createDisk({ voters, learners: [] });
      const things = data.keyspace(prefix);
      const member: Member = { id, disk, data, things, applied: 0, raft: undefined, pausedUntil: 0 };
      this.members.push(member);
      this.#start(member);
    }
    for (let i = 0; i < 2; i++) this.#watches.push({ seen: 1, member: undefined, stop: () => undefined });
  }

  /** Bad weather for a while, then good weather until all agree. Throws what went wrong. */
  run(ticks = 90): void {
    for (let i = 0; i < ticks; i++) {
      this.#disturb();
      if (this.#random.below(2) === 0) this.#write();
      if (this.#random.below(3) === 0) this.#read();
      this.#pass();
    }
    this.#sides.clear();
    this.#loss = 0;
    for (const member of this.members) {
      if (!member.raft) this.#start(member);
      member.pausedUntil = 0;
    }
    for (let i = 0; i < 80 && !this.#isSettled(); i++) {
      if (i % 20 === 0) this.#write();
      this.#pass();
    }
    if (!this.#isSettled()) fail('the group did not come to rest although nothing disturbed it');
    this.#judge();
  }

  #isSettled(): boolean {
    const [{ raft: first }] = this.members as [Member];
    if (!this.acknowledged.has(this.#lastWrite) || this.#flying.some(({ message }) => message.type === 'propose')) return false;
    return this.members.every(({ raft, applied }) => raft!.lead !== '' && raft!.lead === first!.lead && applied === first!.log.lastIndex);
  }

  #judge(): void {
    for (const { id, things, data } of this.members) {
      for (const write of this.acknowledged)
        if (!things.get('', String(write))) fail(`${id} has lost the write ${write}, which was acknowledged`);
      if (data.revision !== this.members[0]!.data.revision) fail(`${id} stands at revision ${data.revision}`);
    }
    const { revision } = this.members[0]!.data;
    for (const watching of this.#watches) {
      if (!watching.member) this.#watch(watching);
      this.#loop.run({ untilMs: this.#loop.now + 2 });
      if (watching.seen !== revision) fail(`a watch stands at revision ${watching.seen} and the store at ${revision}`);
    }
  }

  #disturb(): void {
    const random = this.#random;
    const { members } = this;
    const member = members[random.below(members.length)]!;
    switch (random.below(18)) {
      case 0:
        if (member.raft) this.#crash(member);
        break;
      case 1:
      case 2:
      case 3:
        if (!member.raft) this.#start(member);
        break;
      case 4:
        this.#sides = new Map(members.map(({ id }) => [id, random.below(2)]));
        break;
      case 5:
        this.#sides = new Map([[member.id, 1]]);
        break;
      case 6:
      case 7:
        this.#sides.clear();
        break;
      case 8:
        this.#loss = random.below(4) * 10;
        break;
      case 9:
        member.raft?.transfer(members[random.below(members.length)]!.id);
        break;
      case 11:
        member.pausedUntil = this.#now + random.below(25);
        break;
      case 10:
        if (member.raft) member.raft.compact(member.applied - 1);
        break;
    }
  }

  #runs({ raft, pausedUntil }: Member): boolean {
    return raft !== undefined && pausedUntil <= this.#now;
  }

  #start(member: Member): void {
    const { id, disk, data } = member;
    const options: RaftOptions = {
      id,
      disk,
      applied: member.applied,
      electionTicks: 5,
      heartbeatTicks: 1,
      batch: 1 + this.#random.below(3),
      random: (limit) => this.#random.below(limit),
      snapshot: () => ({
        index: member.applied,
        term: member.raft!.log.term(member.applied)!,
        conf: member.raft!.conf,
        data: data.image(),
      }),
    };
    member.raft = this.#build.raft?.(options) ?? new Raft(options);
  }

  #crash(member: Member): void {
    member.raft = undefined;
    this.#build.crash?.(member.disk);
    for (const watching of this.#watches) {
      if (watching.member !== member) continue;
      watching.stop();
      watching.member = undefined;
    }
  }

  #write(): void {
    const member = this.members[this.#random.below(this.members.length)]!;
    const { revision } = member.data;
    const compact = revision > 3 && this.#random.below(10) === 0 ? revision - 1 : undefined;
    const command: Command = { by: member, write: ++this.#lastWrite, ...(compact !== undefined && { compact }) };
    member.raft?.propose({ data: command });
  }

  #read(): void {
    const member = this.members[this.#random.below(this.members.length)]!;
    const context = String(++this.#lastRead);
    if (member.raft?.read(context)) this.#reads.set(context, { member, floor: this.#told });
  }

  /** One tick: what is due arrives, in any order. */
  #pass(): void {
    const random = this.#random;
    this.#now++;
    for (const member of this.members) if (this.#runs(member)) member.raft!.tick();
    const due: Message[] = [];
    for (let i = this.#flying.length - 1; i >= 0; i--) {
      const { at, message } = this.#flying[i]!;
      if (at > this.#now) continue;
      due.push(message);
      const last = this.#flying.pop()!;
      if (i < this.#flying.length) this.#flying[i] = last;
    }
    for (const message of due) {
      const target = this.members.find(({ id }) => id === message.to)!;
      if (!target.raft || this.#sides.get(message.from) !== this.#sides.get(message.to)) continue;
      if (!this.#runs(target)) {
        this.#flying.push({ at: target.pausedUntil + random.below(3), message });
        continue;
      }
      target.raft.step(message);
      this.#observe(target);
      // Now and then work piles up before it is taken, and a crash may come in between.
      if (random.below(4) > 0) this.#carryOut(target);
    }
    for (const member of this.members) if (this.#runs(member) && random.below(8) > 0) this.#carryOut(member);
    for (const watching of this.#watches) this.#watch(watching);
    this.#loop.run({ untilMs: this.#loop.now + 1 });
  }

  /** No two leaders in a term. */
  #observe({ id, raft }: Member): void {
    if (raft!.role !== 'leader') return;
    const other = this.#leaders.get(raft!.term);
    if (other !== undefined && other !== id) fail(`${id} and ${other} both lead in term ${raft!.term}`);
    this.#leaders.set(raft!.term, id);
  }

  #carryOut(member: Member): void {
    if (!member.raft?.hasReady) return;
    this.#observe(member);
    const ready = member.raft.takeReady();
    this.#matchLog(member.disk);
    if (ready.snapshot) {
      member.data.restore(ready.snapshot.data as EtcdImage);
      member.applied = ready.snapshot.index;
    }
    for (const entry of ready.committed) this.#apply(member, entry);
    this.#finishReads(member, ready);
    for (const message of ready.messages) {
      const copies = this.#random.below(20) === 0 ? 2 : 1;
      for (let i = 0; i < copies; i++) {
        if (this.#random.below(100) < this.#loss) continue;
        const late = this.#random.below(10) === 0 ? this.#random.below(12) : this.#random.below(2);
        this.#flying.push({ at: this.#now + 1 + late, message });
      }
    }
  }

  /** Two entries of one term and index are the same, and so is all that stands before them. */
  #matchLog({ entries }: Disk): void {
    for (let i = entries.length - 1; i >= 0; i--) {
      const entry = entries[i]!;
      const key = `${entry.term}/${entry.index}`;
      const known = this.#entries.get(key);
      // Below one that was looked at, all was.
      if (known === entry) return;
      if (known) fail(`entry ${entry.index} of term ${entry.term} is not the same everywhere`);
      this.#entries.set(key, entry);
    }
  }

  #apply(member: Member, entry: Entry): void {
    if (entry.index !== member.applied + 1) fail(`${member.id} applies ${entry.index} after ${member.applied}`);
    member.applied = entry.index;
    const agreed = this.#agreed[entry.index];
    if (agreed && agreed !== entry) fail(`${member.id} applies another entry ${entry.index} than was agreed on`);
    this.#agreed[entry.index] = entry;
    if (!entry.data) return;
    const { write, by, compact } = entry.data as Command;
    if (compact !== undefined) member.data.compact(compact);
    const { revision } = member.data.txn({
      compare: [],
      success: [{ type: 'put', keyspace: member.things, directory: '', name: String(write), value: { write } }],
    });
    if (member !== by) return;
    this.acknowledged.add(write);
    this.#told = Math.max(this.#told, revision);
  }

  /** Whoever reads sees at least what anybody was told of when the question was put. */
  #finishReads(member: Member, { reads }: Ready): void {
    for (const { context, index } of reads) {
      const asked = this.#reads.get(context);
      if (asked?.member !== member) continue;
      this.#reads.delete(context);
      this.#due.push({ member, index, floor: asked.floor });
    }
    for (let i = this.#due.length - 1; i >= 0; i--) {
      const { member: reader, index, floor } = this.#due[i]!;
      if (reader !== member || member.applied < index) continue;
      this.#due.splice(i, 1);
      const { revision } = member.data;
      if (revision < floor) fail(`${member.id} reads at revision ${revision}, and somebody was told of ${floor} before`);
      this.#told = Math.max(this.#told, revision);
    }
  }

  /** Watches at a member that runs, from where the client stands. */
  #watch(watching: Watching): void {
    if (watching.member) {
      if (this.#random.below(30) > 0) return;
      watching.stop();
      watching.member = undefined;
    }
    const member = this.members[this.#random.below(this.members.length)]!;
    if (!member.raft) return;
    const onChange = ({ revision }: Change): void => {
      if (revision !== watching.seen + 1) fail(`a watch saw revision ${revision} after ${watching.seen}`);
      watching.seen = revision;
    };
    const onCompacted = (): void => {
      watching.member = undefined;
    };
    let cursor = member.things.watch({ onChange, onCompacted }, watching.seen);
    if (!cursor) {
      // What was missed is compacted: the client lists, as it would in life, and goes on from there.
      watching.seen = member.data.revision;
      cursor = member.things.watch({ onChange, onCompacted }, watching.seen);
    }
    watching.member = member;
    watching.stop = () => cursor!.stop();
  }
}
