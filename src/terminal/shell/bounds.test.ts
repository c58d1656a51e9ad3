/** What must hold whatever a learner types: nothing freezes, nothing grows without bound, and time passes. */
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../emulator/kernel/index.ts';
import { createTestKernel, createTestMachine, run, settle, start } from './test-machine.ts';

const names = (machine: ReturnType<typeof createTestMachine>): string[] =>
  [...machine.processes.values()].map((p) => `${p.argv[0]} ${p.wchan}`);

describe('streams', () => {
  test.each([
    ['while true; do echo x; done | head -3', 'x\nx\nx\n'],
    ['yes | head -1', 'y\n'],
    ['yes | cat | cat | head -n 2 | cat', 'y\ny\n'],
    ['seq 1 1000000 | head -1', '1\n'],
    ['tail -f /etc/none 2>&1 | head -1', "tail: cannot open '/etc/none' for reading: No such file or directory\n"],
  ])('an endless producer ends with its reader: %s', (script, want) => {
    const { out, machine } = run(script);
    expect(out).toBe(want);
    expect(machine.processes.size).toBe(1);
  });

  test('pipes are bounded', () => {
    const { kernel, machine } = start('yes | sleep 5');
    settle(kernel, 4000);
    expect(names(machine)).toEqual(['init pause', 'bash wait', 'yes write', 'sleep sleep']);
    settle(kernel);
    expect(machine.processes.size).toBe(1);
  });

  test('tail -f | grep streams what another process appends', () => {
    const kernel = createTestKernel();
    const machine = createTestMachine(kernel);
    machine.fs.writeFile('/tmp/log', utf8('old x\n'));
    const follower = start('tail -f /tmp/log | grep x', kernel, machine);
    start('for i in 1 2 3; do sleep 1; echo "x$i" >>/tmp/log; echo y >>/tmp/log; done', kernel, machine);
    settle(kernel, 1500);
    expect(follower.out.text).toBe('old x\nx1\n');
    settle(kernel, 5000);
    expect(follower.out.text).toBe('old x\nx1\nx2\nx3\n');
    expect(follower.process.state).toBe('blocked');
  });
});

describe('endless activities', () => {
  test.each([
    'while :; do :; done',
    'yes | cat >/dev/null',
    'f() { f & }; f',
    'while :; do sleep 0; done',
    'while :; do x=$(true); done',
    'for ((;;)); do :; done',
    'awk "BEGIN { while (1) i++ }"',
  ])('no instant holds one: %s', (script) => {
    const { kernel } = start(script);
    expect(kernel.loop.run({ untilMs: 1000, budget: 1e6 })).toBe('time');
  });

  test('a loop never blocks the caller, and can be resumed and killed', () => {
    const { kernel, machine, process } = start('while :; do :; done');
    for (let slice = 0; slice < 10; slice++) expect(kernel.loop.run({ budget: 10_000 })).toBe('budget');
    expect(kernel.loop.now).toBeGreaterThan(0);
    kernel.kill(machine, process.pid, 'TERM');
    settle(kernel);
    expect(process.exit?.code).toBe(143);
  });

  test('a fork bomb meets the limit, and can be ended', () => {
    const kernel = createTestKernel();
    const machine = createTestMachine(kernel, { maxProcesses: 200 });
    const { err, process } = start(':() { : | : & }; :', kernel, machine);
    expect(kernel.loop.run({ untilMs: 10_000, budget: 200_000 }), 'it mostly sleeps').toBe('time');
    expect(err.text).toContain('fork: retry: Resource temporarily unavailable');
    expect(machine.processes.size).toBeLessThanOrEqual(200);
    kernel.killGroup(machine, process.pgid, 'KILL');
    settle(kernel);
    expect(machine.processes.size).toBe(1);
  });

  test('recursion is an error, not a stack overflow', () => {
    expect(run('f() { f; }; f').err).toContain('maximum function nesting level exceeded');
    expect(run('f() { [ $1 = 0 ] || { sleep 1; f $(($1 - 1)); }; }; f 400; echo $?').out).toBe('0\n');
    expect(run('x() { eval x; }; x').err).toMatch(/nesting level exceeded/);
    expect(run('a=a; echo $((a))').err).toContain('expression recursion level exceeded');
    expect(run('printf ". /tmp/s\\n" >/tmp/s; . /tmp/s').err).toMatch(/nesting level exceeded/);
  });

  test('a disk is finite', () => {
    const { err, machine } = run('yes > /tmp/f; echo $?; rm /tmp/f; echo ok > /tmp/g; cat /tmp/g', undefined, 1e7);
    expect(err).toContain('No space left on device');
    expect(machine.fs.usedBytes).toBeLessThan(100);
  });

  test.each([
    ['awk \'BEGIN { x = "a"; while (1) x = x x }\'', 'awk: Cannot allocate memory'],
    ['printf %1000000000d 1 | wc -c', 'annot allocate memory'],
    ['x=$(cat /dev/zero)', 'xrealloc: cannot allocate'],
    ['x=a; while :; do x=$x$x; done', 'xrealloc: cannot allocate 134217728 bytes'],
    ['x=a; while :; do x+=$x; done', 'xrealloc: cannot allocate 134217728 bytes'],
    ['a=(x); while :; do a+=("${a[@]}"); done', 'a: cannot allocate memory for 131072 elements'],
    ['echo {1..1000000000}', "brace expansion: failed to allocate memory for `1000000000' elements"],
    ['echo {a..z}{a..z}{a..z}{a..z}{a..z}{a..z}', 'brace expansion: failed to allocate memory'],
    ['cat /dev/zero | grep x', 'grep: -: Cannot allocate memory'],
    ['yes | sort | head -1', 'sort: cannot read: -: Cannot allocate memory'],
    ['cat /dev/zero | base64 | tail -1', 'base64: -: Cannot allocate memory'],
  ])('memory is finite: %s', (script, want) => {
    const { err, out } = run(`( ${script} ); echo alive`, undefined, 1e7);
    expect(err).toContain(want);
    expect(out).toMatch(/alive\n$/);
  });

  test('a long list is counted as it comes', () => {
    expect(run('seq 1000000 | wc').out).toBe('1000000 1000000 6888896\n');
    expect(run('printf "h\u00e9 \u6f22\n\n a b" | wc -lwmcL').out).toBe('      2       4      10      13       4\n');
  });

  test('filters without end are stopped', () => {
    expect(run("jq -n '[repeat(1)]'").err).toContain('too many steps');
    expect(run("jq -n 'def f: f; f'").err).toContain('nests too deep');
  });
});

describe('time', () => {
  test('the budget does not change what happens', () => {
    const script =
      'for i in 1 2 3; do (sleep 0.0$i; echo $i) & done; while read x; do echo "got $x"; done <<<"$(seq 200 | grep 7)"; wait; date +%s.%N; echo $RANDOM';
    const outputs = [1, 7, 100, 1e9].map((budget) => {
      const { kernel, out } = start(script);
      while (kernel.loop.run({ budget, untilSettled: true }) === 'budget');
      return out.text;
    });
    expect(new Set(outputs).size).toBe(1);
  });

  test('a background job is killed and waited for', () => {
    const { out, virtualMs } = run('sleep 1000 & kill $!; wait $!; echo $?');
    expect(out).toBe('143\n');
    expect(virtualMs).toBeLessThan(100);
  });

  test('a killed process releases the files that its shell had set aside', () => {
    const { kernel, machine, out } = start('{ while :; do sleep 1; done >/dev/null; echo no; } | cat; echo ended');
    settle(kernel, 1500);
    const writer = [...machine.processes.values()].find((p) => p.argv[0] === 'bash' && p.parent)!;
    kernel.kill(machine, writer.pid, 'KILL');
    settle(kernel);
    expect(out.text).toBe('ended\n');
    expect(machine.processes.size).toBe(1);
  });
});
