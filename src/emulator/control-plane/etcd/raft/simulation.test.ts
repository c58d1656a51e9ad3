import { describe, expect, test } from 'vitest';
import type { Disk, Message } from './index.ts';
import { createDisk, Raft } from './index.ts';
import type { RaftOptions } from './raft.ts';
import type { Build } from './simulation-testing.ts';
import { Simulation } from './simulation-testing.ts';

const seeds = 10_000;

/** The first seed with which something goes wrong, and what. */
function firstFailure(build: Build, count: number, from = 1): string | undefined {
  for (let seed = from; seed < from + count; seed++) {
    try {
      new Simulation(seed, build).run();
    } catch (error) {
      return `seed ${seed}: ${(error as Error).message}`;
    }
  }
  return undefined;
}

/**
 * In ten thousand schedules of crashes, pauses, cuts, loss, delay and doubling: never two leaders in a term; logs that match; no
 * acknowledged write lost; readers see what anybody was told of before they asked; watches skip and repeat nothing; and once the
 * weather is good all agree. A crash takes what was not on disk.
 */
test(`nothing goes wrong with ${seeds} seeds`, () => expect(firstFailure({}, seeds)).toBeUndefined(), 300_000);

class VotesTwice extends Raft {
  protected override isFreeToVote(): boolean {
    return true;
  }
}

class AsksNobody extends Raft {
  protected override isConfirmed(): boolean {
    return true;
  }
}

class CountsOldTerms extends Raft {
  protected override isCountable(index: number): boolean {
    // All but the first entry, so that the damage is done in one place only.
    return index > 1 || super.isCountable(index);
  }
}

function forgetVote(disk: Disk): void {
  disk.hard = { ...disk.hard, vote: '' };
}

function loseLastEntry(disk: Disk): void {
  disk.entries.pop();
  const last = disk.snapshot.index + disk.entries.length;
  disk.hard = { ...disk.hard, commit: Math.min(disk.hard.commit, last) };
}

describe('the simulation finds a member that', () => {
  // Rarer mistakes begin near a seed that shows them.
  test.each<{ name: string; build: Build; from?: number; want: RegExp }>([
    { name: 'votes twice in a term', build: { raft: (options) => new VotesTwice(options) }, want: /both lead in term/ },
    { name: 'forgets in a crash for whom it voted', build: { crash: forgetVote }, from: 1150, want: /both lead in term/ },
    { name: 'loses in a crash what it had on disk', build: { crash: loseLastEntry }, want: /applies|lost|conflicts/ },
    {
      name: 'answers readers without a majority',
      build: { raft: (options) => new AsksNobody(options) },
      from: 1240,
      want: /reads at revision/,
    },
  ])('$name', ({ build, from, want }) => expect(firstFailure(build, 2000, from)).toMatch(want));
});

/** Five members whose messages go where the test lets them. */
class Bench {
  readonly members: ReadonlyMap<string, Raft>;
  readonly committed = new Map<string, string[]>();
  #messages: Message[] = [];

  constructor(create: (options: RaftOptions) => Raft) {
    const voters = ['1', '2', '3', '4', '5'];
    const options = { applied: 0, electionTicks: 10, heartbeatTicks: 1, random: () => 0, batch: 1 };
    const snapshot = (): never => {
      throw new Error('nobody lags');
    };
    this.members = new Map(
      voters.map((id) => [id, create({ ...options, id, snapshot, disk: createDisk({ voters, learners: [] }) })] as const),
    );
  }

  /** Lets a member campaign for a term without asking first, and those of `voters` answer. */
  elect(id: string, term: number, voters: readonly string[]): void {
    const member = this.members.get(id)!;
    if (term > 1) member.step({ type: 'append-response', from: 'bench', to: id, term: term - 1, index: 0 });
    member.step({ type: 'timeout-now', from: 'bench', to: id, term: member.term });
    this.deliver(({ type, from, to }) => /^vote/.test(type) && [from, to].every((end) => end === id || voters.includes(end)));
    expect(member.role).toBe('leader');
    // Its first heartbeat, after which it looks how far the others are.
    member.tick();
  }

  /** Delivers what is let through until nothing more is; the rest is lost. */
  deliver(isLet: (message: Message) => boolean): void {
    for (;;) {
      this.#take();
      const next = this.#messages.findIndex(isLet);
      if (next < 0) break;
      const [message] = this.#messages.splice(next, 1);
      this.members.get(message!.to)!.step(message!);
    }
    this.#messages = [];
  }

  #take(): void {
    for (const [id, member] of this.members) {
      const { committed, messages } = member.takeReady();
      const texts = committed.flatMap(({ data }) => (data === undefined ? [] : [String(data)]));
      this.committed.set(id, [...(this.committed.get(id) ?? []), ...texts]);
      this.#messages.push(...messages);
    }
  }
}

/** Figure 8 of the paper: an entry of an older term that a majority has may still be overwritten. */
function figure8(create: (options: RaftOptions) => Raft): Bench {
  const bench = new Bench(create);
  const between =
    (...ends: readonly string[]) =>
    (message: Message) =>
      ends.includes(message.from) && ends.includes(message.to);
  bench.elect('1', 1, ['2', '3']);
  bench.members.get('1')!.propose({ data: 'old' });
  bench.deliver(between('1', '2'));
  bench.elect('5', 2, ['3', '4']);
  bench.elect('1', 3, ['2', '3']);
  // Only the entry of the older term reaches the third member, not the one behind it, and no word that it is committed.
  const third = bench.members.get('3')!;
  const isOld = (message: Message): boolean =>
    message.type !== 'append' ||
    (message.commit === 0 && (message.index > third.log.lastIndex || message.entries.every(({ term }) => term < 3)));
  bench.deliver((message) => between('1', '2', '3')(message) && isOld(message));
  bench.elect('5', 4, ['3', '4']);
  bench.members.get('5')!.propose({ data: 'new' });
  bench.deliver(between('3', '4', '5'));
  return bench;
}

describe('an entry of an older term', () => {
  test('is not committed by counting who has it', () => {
    const bench = figure8((options) => new Raft(options));
    expect(bench.committed.get('1')).toEqual([]);
    expect(bench.committed.get('3')).toEqual(['new']);
  });

  test('would be lost after all if it were', () => {
    const bench = figure8((options) => new CountsOldTerms(options));
    expect(bench.committed.get('1')).toEqual(['old']);
    expect(bench.committed.get('5')).toEqual(['new']);
  });
});
