import { describe, expect, test } from 'vitest';
import type { Call } from './call.ts';
import { type Errno, Interrupted } from './errno.ts';
import { EventLoop } from './event-loop.ts';
import { FileSystem } from './filesystem.ts';
import { Kernel } from './kernel.ts';
import { createMachine } from './machine.ts';
import type { Machine } from './machine.ts';
import type { NetNamespace } from './network.ts';
import type { Program } from './process.ts';
import { Random } from './random.ts';
import type { Sys } from './sys.ts';
import { WallClock } from './time.ts';
import { Trace } from './trace.ts';
import { WaitQueue } from './wait-queue.ts';
import { utf8 } from './bytes.ts';
import { FdTable } from './file.ts';

function setUp(maxProcesses = 100): {
  kernel: Kernel;
  machine: Machine;
  log: string[];
  start: (program: Program, options?: { background?: boolean; asFirst?: boolean }) => ReturnType<Kernel['spawn']>;
} {
  const loop = new EventLoop();
  const kernel = new Kernel({ loop, clock: new WallClock(loop, 0), random: new Random(1), trace: new Trace(loop) });
  const machine = createMachine({ hostname: 'm', id: 'm', net: {} as NetNamespace, fs: new FileSystem(() => loop.now), maxProcesses });
  const log: string[] = [];
  const start = (program: Program, { background = false, asFirst = false } = {}) => {
    if (!asFirst && machine.nextPid === 1) machine.nextPid = 2;
    return kernel.spawn({ machine, program, argv: ['test'], background, pgid: 'new' });
  };
  return { kernel, machine, log, start };
}

describe('processes', () => {
  test('sleep, wait, exit codes', () => {
    const { kernel, log, start } = setUp();
    start(function* (sys) {
      const pid = sys.spawn({
        argv: ['child'],
        program: function* (child) {
          yield* child.sleep(100);
          return 3;
        },
      });
      const status = yield* sys.wait(pid);
      log.push(`${status.code} at ${sys.nowMs}`);
      try {
        yield* sys.wait();
      } catch (error) {
        log.push((error as Errno).code);
      }
      return 0;
    });
    kernel.loop.run();
    expect(log).toEqual(['3 at 100', 'ECHILD']);
  });

  test('one that never blocks costs virtual time and lets others run', () => {
    const { kernel, log, start } = setUp();
    start(function* (sys) {
      for (;;) if (sys.tick()) yield* sys.preempt();
    });
    start(function* (sys) {
      yield* sys.sleep(50);
      log.push(`woke at ${sys.nowMs}`);
      return 0;
    });
    expect(kernel.loop.run({ untilMs: 1000, budget: 1e6 })).toBe('time');
    expect(log).toEqual(['woke at 50']);
  });

  test('a failed call that a program lets through is reported under its name', () => {
    const { kernel, machine, start } = setUp();
    machine.fs.writeFile('/err', utf8(''));
    const fds = new FdTable();
    fds.set(2, machine.fs.open('/err', 'append'));
    let code: number | undefined;
    start(() => 0);
    kernel.spawn({ machine, argv: ['cat'], fds, onExit: (status) => (code = status.code), program: (sys) => sys.open('/none', 'read') });
    kernel.loop.run();
    expect([code, machine.fs.readFile('/err')]).toEqual([1, 'cat: No such file or directory\n']);
  });

  test('a defect in a program names the process', () => {
    const { kernel, start } = setUp();
    start(() => {
      throw new TypeError('oops');
    });
    expect(() => kernel.loop.run()).toThrow('process 2 (test) on m crashed');
  });

  test('a limit of processes', () => {
    const { kernel, log, start } = setUp(3);
    start(function* (sys) {
      try {
        for (;;) sys.spawn({ argv: ['x'], program: (child: Sys) => child.sleep(1) as unknown as Call<number> });
      } catch (error) {
        log.push((error as Errno).code);
      }
      return 0;
    });
    kernel.loop.run();
    expect(log).toEqual(['EAGAIN']);
  });

  test('what a process owns is closed when it is killed', () => {
    const { kernel, log, start } = setUp();
    const process = start(function* (sys) {
      sys.own(() => log.push('first'));
      sys.own(() => log.push('second'));
      yield* sys.pause();
      return 0;
    });
    kernel.loop.run();
    kernel.signal(process, 'KILL');
    expect([log, process.exit?.code]).toEqual([['second', 'first'], 137]);
  });

  test('daemons do not keep the cluster from being settled', () => {
    const { kernel, start } = setUp();
    start(
      function* (sys) {
        for (;;) yield* sys.sleep(10);
      },
      { background: true },
    );
    expect(kernel.loop.run({ untilSettled: true, budget: 1000 })).toBe('settled');
  });
});

const sleeper = (log: string[], ...signals: ('TERM' | 'INT')[]): Program =>
  function* (sys) {
    for (const signal of signals) sys.onSignal(signal, 'catch');
    try {
      yield* sys.sleep(1000);
      log.push(`slept until ${sys.nowMs}`);
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      log.push(`${sys.takeSignal()} at ${sys.nowMs}`);
      yield* sys.sleep(500);
      log.push(`and on to ${sys.nowMs}`);
    }
    return 0;
  };

describe('signals', () => {
  test('end a process unless caught or ignored', () => {
    for (const [signal, code] of [
      ['TERM', 143],
      ['INT', 130],
      ['KILL', 137],
      ['HUP', 129],
    ] as const) {
      const { kernel, start } = setUp();
      const process = start(sleeper([]));
      kernel.loop.run({ untilMs: 10 });
      kernel.signal(process, signal);
      expect(process.exit).toMatchObject({ code, signal });
    }
  });

  test('a caught one interrupts a sleep and cancels its timer', () => {
    const { kernel, log, start } = setUp();
    const process = start(sleeper(log, 'TERM'));
    kernel.loop.run({ untilMs: 300 });
    kernel.signal(process, 'TERM');
    kernel.loop.run();
    expect(log).toEqual(['TERM at 300', 'and on to 800']);
  });

  test('one that comes while the process runs is not lost at its next wait', () => {
    const { kernel, log, start } = setUp();
    start(function* (sys) {
      sys.onSignal('TERM', 'catch');
      sys.kill(sys.pid, 'TERM');
      try {
        yield* sys.block(new WaitQueue(), 'never');
      } catch (error) {
        if (!(error instanceof Interrupted)) throw error;
        log.push(`${sys.takeSignal()}`);
      }
      return 0;
    });
    kernel.loop.run();
    expect(log).toEqual(['TERM']);
  });

  test('STOP holds a process, CONT lets it go on, however often', () => {
    const { kernel, log, start } = setUp();
    const process = start(sleeper(log));
    kernel.loop.run({ untilMs: 100 });
    kernel.signal(process, 'STOP');
    kernel.loop.run({ untilMs: 3000 });
    expect([log, process.state]).toEqual([[], 'stopped']);
    kernel.signal(process, 'CONT');
    kernel.signal(process, 'STOP');
    kernel.signal(process, 'CONT');
    kernel.loop.run();
    expect(log).toEqual(['slept until 3000']);
  });

  test('a process that stops itself does so at its next wait', () => {
    const { kernel, log, start } = setUp();
    const process = start(function* (sys) {
      sys.kill(sys.pid, 'STOP');
      log.push('still running');
      yield* sys.sleep(10);
      log.push('went on');
      return 0;
    });
    kernel.loop.run();
    expect([log, process.state]).toEqual([['still running'], 'stopped']);
    kernel.signal(process, 'CONT');
    kernel.loop.run();
    expect(log).toEqual(['still running', 'went on']);
  });

  test('a whole group, and ignored ones go to children', () => {
    const { kernel, log, machine, start } = setUp();
    const parent = start(function* (sys) {
      sys.onSignal('INT', 'ignore');
      sys.spawn({ argv: ['child'], program: sleeper(log) });
      yield* sys.wait();
      return 0;
    });
    kernel.loop.run({ untilMs: 10 });
    kernel.killGroup(machine, parent.pgid, 'INT');
    kernel.loop.run({ untilMs: 20 });
    expect(machine.processes.size).toBe(2);
    kernel.killGroup(machine, parent.pgid, 'TERM');
    expect(machine.processes.size).toBe(0);
  });

  test('the first process gets only what it asked for, and KILL from outside', () => {
    const { kernel, log, start } = setUp();
    const first = start(sleeper(log), { asFirst: true });
    kernel.loop.run({ untilMs: 10 });
    kernel.signal(first, 'TERM');
    expect(first.exit).toBeUndefined();
    kernel.signal(first, 'KILL');
    expect(first.exit?.code).toBe(137);
    const { kernel: other, start: startOther } = setUp();
    const caught = startOther(sleeper(log, 'TERM'), { asFirst: true });
    other.loop.run({ untilMs: 10 });
    other.signal(caught, 'TERM');
    other.loop.run();
    expect(log).toEqual(['TERM at 10', 'and on to 510']);
  });

  test('a daemon that waits in pause ends on TERM, even as the first process', () => {
    const { kernel, start } = setUp();
    const daemon = start(
      function* (sys) {
        yield* sys.pause();
        return 0;
      },
      { asFirst: true, background: true },
    );
    kernel.loop.run({ untilMs: 10 });
    kernel.signal(daemon, 'TERM');
    expect(daemon.exit?.code).toBe(143);
  });
});

describe('pipes', () => {
  test('a reader sees the end when the last writer is gone, a writer dies when the reader is', () => {
    const { kernel, log, start } = setUp();
    start(function* (sys) {
      const { reader, writer } = sys.pipe();
      const fds = new FdTable();
      fds.set(1, writer);
      const pid = sys.spawn({
        argv: ['writer'],
        fds,
        program: function* (child) {
          for (;;) yield* child.print(1, 'x'.repeat(1000));
        },
      });
      const fd = sys.fds.add(reader);
      log.push(String((yield* sys.read(fd, 5)).length));
      sys.fds.close(fd);
      const { code, signal } = yield* sys.wait(pid);
      log.push(`${code} ${signal}`);
      return 0;
    });
    kernel.loop.run();
    expect(log).toEqual(['5', '141 PIPE']);
  });
});

describe('terminals', () => {
  const setUpTty = () => {
    const { kernel, machine } = setUp();
    const tty = kernel.createTty();
    let screen = '';
    tty.onOutput = (bytes) => (screen += bytes);
    return { kernel, machine, tty, screen: () => screen };
  };

  test('cooked: lines, erasing, end of file', () => {
    const { tty, screen } = setUpTty();
    tty.input(utf8('hx\x7fi\r\x04'));
    expect([tty.read(100), tty.read(100), tty.read(100), screen()]).toEqual(['hi\n', '', undefined, 'hx\b \bi\r\n']);
  });

  test('raw: each key, without an echo', () => {
    const { tty, screen } = setUpTty();
    tty.canonical = tty.echo = false;
    tty.input(utf8('aé\r'));
    expect([tty.read(9), tty.read(9), tty.read(9), screen()]).toEqual(['a', utf8('é'), '\r', '']);
  });

  test('keys that were typed ahead in raw mode count as typed when the terminal is cooked again', () => {
    const { tty, screen } = setUpTty();
    tty.canonical = tty.echo = false;
    tty.input(utf8('ab\r'));
    tty.canonical = tty.echo = true;
    expect([tty.hasInput, tty.read(9), screen()]).toEqual([true, 'ab\n', 'ab\r\n']);
  });
});
