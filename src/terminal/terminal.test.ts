import { describe, expect, test } from 'vitest';
import { textOf, utf8 } from '../emulator/kernel/index.ts';
import type { ByteString, Program } from '../emulator/kernel/index.ts';
import { withCompleter } from './shell/completion/index.ts';
import { createTestKernel, createTestMachine, settle } from './shell/test-machine.ts';
import { openTerminal } from './terminal.ts';
import { TestScreen } from './test-screen.ts';

function terminal({ columns = 80, more }: { columns?: number; more?: ReadonlyMap<string, Program> } = {}) {
  const kernel = createTestKernel();
  const machine = createTestMachine(kernel, more ? { more } : {});
  const { tty, shell } = openTerminal(kernel, machine, { columns, rows: 24, env: new Map([['PS1', '$ ']]) });
  const screen = new TestScreen(columns);
  let raw = '';
  tty.onOutput = (bytes) => {
    raw += bytes;
    screen.write(textOf(bytes as ByteString));
  };
  /** Types and gives what the screen shows from then on. */
  const type = (keys: string, forMs = 500): string => {
    const before = screen.row;
    tty.input(utf8(keys));
    settle(kernel, kernel.loop.now + forMs);
    return screen.text.split('\n').slice(before).join('\n');
  };
  type('');
  return { kernel, machine, tty, shell, type, screen, raw: () => raw };
}

describe('editing', () => {
  const cases: readonly [name: string, keys: string, want: string][] = [
    ['insert and erase', 'echo hx\x7fi\r', 'hi'],
    ['move left and insert', 'echo ac\x1b[Db\r', 'abc'],
    ['home and end', 'cho x\x01e\x05y\r', 'xy'],
    ['kill to the end, yank', 'echo a b\x1b[D\x0b\x19\x19\r', 'a bb'],
    ['kill to the start', 'nonsense\x15echo ok\r', 'ok'],
    ['kill words gather', 'echo one two three\x17\x17\x19\r', 'one two three'],
    ['word moves', 'echo aa bb\x1bb\x1bbX\r', 'Xaa bb'],
    ['kill a word forward', 'echo aa bb\x1bb\x1bd\r', 'aa'],
    ['delete', 'echo abc\x1b[D\x1b[D\x1b[3~\r', 'ac'],
    ['Ctrl-D deletes', 'echo abc\x02\x04\r', 'ab'],
    ['transpose', 'ehco ok\x01\x06\x06\x14\r', 'ok'],
    ['undo', 'echo ok\x17\x1f\r', 'ok'],
    ['upper case', 'echo abc\x1bb\x1bu\r', 'ABC'],
    ['paste with a newline', '\x1b[200~echo a\necho b\x1b[201~\r', 'a\nb'],
    ['accents and wide characters', 'echo héé\x7f 漢字x\x1b[D\x7f\r', 'hé 漢x'],
    ['an unknown key does nothing', 'echo\x1b[99~ ok\x1b[24;5~\r', 'ok'],
  ];
  test.each(cases)('%s', (_, keys, want) => {
    const { type } = terminal();
    const shown = type(keys);
    expect(
      shown
        .split('\n')
        .slice(-1 - want.split('\n').length)
        .join('\n'),
    ).toBe(`${want}\n$`);
  });

  test('a line longer than the screen wraps, is edited and runs', () => {
    const { type, screen } = terminal({ columns: 20 });
    type('echo 1234567890123456789012345');
    expect(screen.text).toBe('$ echo 1234567890123\n456789012345');
    type('\x01#');
    expect(screen.text).toBe('$ #echo 123456789012\n3456789012345');
    expect([screen.row, screen.column]).toEqual([0, 3]);
    type('\x7f\x04\x05\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f');
    expect(screen.text).toBe('$ cho 12345678901234');
    expect([screen.row, screen.column]).toEqual([1, 0]);
    type('\x7f\x01e\r');
    expect(screen.text.split('\n').slice(-2)).toEqual(['1234567890123', '$']);
  });

  test('history: arrows keep drafts, Ctrl-R searches, ! refers', () => {
    const { type } = terminal();
    type('echo one\r');
    type('echo two\r');
    expect(type('draft\x1b[A\x1b[A\x1b[B\x1b[B\x15\x1b[A\r')).toContain('two');
    expect(type('\x12one\r')).toMatch(/\$ echo one\none/);
    expect(type('!!\r')).toBe('$ !!\necho one\none\n$');
    expect(type('echo !$ !-3:1\r')).toBe('$ echo !$ !-3:1\necho one one\none one\n$');
    expect(type('^one^six\r')).toContain('six one');
    expect(type('!nothing\r')).toContain('-bash: !nothing: event not found');
    expect(type('cat <<E\r!nothing\rE\r')).toBe('$ cat <<E\n> !nothing\n> E\n!nothing\n$');
    expect(type("echo 'a\r!nothing'\r")).toBe("$ echo 'a\n> !nothing'\na\n!nothing\n$");
    expect(type('echo six one\r')).toContain('six one');
    expect(type('history 2\r')).toMatch(/ {4}\d {2}echo six one\n {4}\d {2}history 2/);
    expect(type('cat ~/.bash_history | head -n 1\r')).toContain('\necho one\n');
  });

  test('continuation lines', () => {
    const { type } = terminal();
    expect(type('for i in 1 2; do\r')).toBe('$ for i in 1 2; do\n>');
    expect(type('echo $i; done\r')).toBe('> echo $i; done\n1\n2\n$');
    expect(type('cat <<E\ra\rE\r')).toBe('$ cat <<E\n> a\n> E\na\n$');
    expect(type('echo "a\rb"\r')).toBe('$ echo "a\n> b"\na\nb\n$');
    expect(type('fi\r')).toBe(
      "$ fi\n-bash: syntax error near unexpected token `fi'\n-bash: `fi'\n$"
        .replace('-bash: s', '-bash: line 1: s')
        .replaceAll('line 1: ', ''),
    );
  });

  test('reading, Ctrl-D and exit', () => {
    const { type, shell } = terminal();
    expect(type('read name\rAda\recho "<$name>"\r')).toContain('<Ada>');
    expect(type('cat\rline\r\x04')).toContain('line\nline\n$');
    type('\x04');
    expect(shell.exit?.code).toBe(0);
  });

  test('binary junk does no harm', () => {
    const { type } = terminal();
    type(String.fromCharCode(...Array.from({ length: 32 }, (_, i) => i).filter((code) => code !== 4 && code !== 26)));
    type('\x03');
    for (let i = 128; i < 160; i++) type(String.fromCharCode(i), 0);
    type('\x03');
    expect(type('echo alive\r')).toContain('alive\n$');
  });
});

describe('completion', () => {
  const cases: readonly [name: string, keys: string, want: string][] = [
    ['a command', 'ech\t', '$ echo'],
    ['a file', 'cat /etc/host\t', '$ cat /etc/hostname'],
    ['a directory and on', 'cat /et\thost\t', '$ cat /etc/hostname'],
    ['a variable', 'echo $HOM\t', '$ echo $HOME'],
    ['in double quotes', 'cat "/tmp/a b\t', '$ cat "/tmp/a b.txt"'],
    ['with backslashes', 'cat /tmp/a\t', '$ cat /tmp/a\\ b.txt'],
    ['only directories', 'cd /tmp/\t', '$ cd /tmp/sub/'],
    ['the common part', 'tool alp\t', '$ tool alpha-'],
    ['the list', 'tool alp\t\t', '$ tool alpha-\nalpha-one  alpha-two\n$ tool alpha-'],
    ['descriptions', 'tool with\t\t', '$ tool with\nwith     (this)\nwithout\n$ tool with'],
    ['through an alias', 'alias t=tool\rt alpha-o\t', '$ alias t=tool\n$ t alpha-one'],
    ['after a pipe', 'echo | ech\t', '$ echo | echo'],
    ['after watch', 'watch -n 1 tool alpha-o\t', '$ watch -n 1 tool alpha-one'],
    ['a redirection', 'echo >/etc/hostn\t', '$ echo >/etc/hostname'],
  ];
  test.each(cases)('%s', (_, keys, want) => {
    const tool = withCompleter(
      () => 0,
      function* () {
        return ['alpha-one', 'alpha-two', 'beta', 'with\tthis', 'without'];
      },
    );
    const { type, machine, screen } = terminal({ more: new Map([['tool', tool]]) });
    machine.fs.writeFile('/etc/hostname', utf8('box\n'));
    machine.fs.writeFile('/tmp/a b.txt', utf8(''));
    machine.fs.mkdir('/tmp/sub');
    type(keys);
    expect(screen.text).toBe(want);
  });
});

describe('jobs', () => {
  test('Ctrl-C reaches the foreground, and the shell lives', () => {
    const { type, machine } = terminal();
    for (const command of [
      'while :; do :; done',
      'while true; do sleep 1; done',
      'sleep 100',
      'yes | cat >/dev/null',
      'cat',
      'x=$(sleep 100)',
      'sh -c "while :; do sleep 1; done; echo no"',
      'echo "unfinished',
      'f() { sleep 50; echo no; }; f',
    ]) {
      type(`${command}\r`);
      expect(type('\x03'), command).toMatch(/\^C\n\$$/);
      expect(type('echo $?\r').split('\n')[1], command).toBe('130');
      expect(machine.processes.size, command).toBe(2);
    }
    type('sleep 100 &\r');
    type('\x03');
    expect(machine.processes.size, 'a background job does not see it').toBe(3);
  });

  test('stop, list, go on in the background and the foreground', () => {
    const { type } = terminal();
    type('sleep 20\r');
    expect(type('\x1a')).toBe('^Z\n[1]+  Stopped                 sleep 20\n$');
    expect(type('jobs\r')).toBe('$ jobs\n[1]+  Stopped                 sleep 20\n$');
    expect(type('bg\r')).toBe('$ bg\n[1]+ sleep 20 &\n$');
    expect(type('jobs\r')).toContain('[1]+  Running                 sleep 20 &');
    expect(type('fg\r')).toBe('$ fg\nsleep 20');
    type('\x1a');
    expect(type('kill %1\r\r')).toContain('[1]+  Terminated              sleep 20');
    expect(type('sleep 1 &\r')).toMatch(/\[1\] \d+\n\$$/);
    expect(type('\r', 2000) + type('\r')).toContain('[1]+  Done                    sleep 1');
  });

  test('a background job that reads the terminal is stopped', () => {
    const { type } = terminal();
    type('cat &\r');
    expect(type('\r')).toContain('[1]+  Stopped                 cat');
    expect(type('fg\rhello\r\x04')).toContain('hello\nhello\n$');
  });

  test('an inner shell has its own jobs and gives the terminal back', () => {
    const { type } = terminal();
    type('x=outer; sh\r');
    expect(type('echo "[$x]"; exit 4\r')).toContain('[]');
    expect(type('echo $x $?\r')).toContain('outer 4');
  });
});
