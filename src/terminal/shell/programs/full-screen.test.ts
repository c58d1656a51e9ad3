import { describe, expect, test } from 'vitest';
import { textOf, utf8 } from '../../../emulator/kernel/index.ts';
import type { ByteString } from '../../../emulator/kernel/index.ts';
import { openTerminal } from '../../terminal.ts';
import { TestScreen } from '../../test-screen.ts';
import { createTestKernel, createTestMachine, settle } from '../test-machine.ts';

function open(files: Readonly<Record<string, string>> = {}) {
  const kernel = createTestKernel();
  const machine = createTestMachine(kernel);
  for (const [path, text] of Object.entries(files)) machine.fs.writeFile(path, utf8(text));
  const { tty } = openTerminal(kernel, machine, { columns: 60, rows: 10, env: new Map([['PS1', '$ ']]) });
  const screen = new TestScreen(60);
  tty.onOutput = (bytes) => screen.write(textOf(bytes as ByteString));
  const type = (keys: string, forMs = 300): string => {
    tty.input(utf8(keys));
    settle(kernel, kernel.loop.now + forMs);
    return screen.text;
  };
  const file = (path: string): string => textOf(machine.fs.readFile(path));
  return { kernel, machine, tty, screen, type, file };
}

const start = 'one two\nthree four\nfive\n';

describe('vi', () => {
  const cases: readonly [name: string, keys: string, want: string][] = [
    ['insert', 'iX\x1b', 'Xone two\nthree four\nfive\n'],
    ['append', 'aX\x1b', 'oXne two\nthree four\nfive\n'],
    ['append to the line', 'AX\x1b', 'one twoX\nthree four\nfive\n'],
    ['open below and above', 'jonew\x1bOup\x1b', 'one two\nthree four\nup\nnew\nfive\n'],
    ['delete characters', 'xx', 'e two\nthree four\nfive\n'],
    ['delete a word', 'dw', 'two\nthree four\nfive\n'],
    ['delete to the end', 'wD', 'one \nthree four\nfive\n'],
    ['change a word', 'cwONE\x1b', 'ONE two\nthree four\nfive\n'],
    ['change a word of one letter at the end', 'wlldlcwX\x1b', 'one tX\nthree four\nfive\n'],
    ['change two words', 'c2wX\x1b', 'X\nthree four\nfive\n'],
    ['change inside of a word', 'wciwX\x1b', 'one X\nthree four\nfive\n'],
    ['delete lines and put', '2ddp', 'five\none two\nthree four\n'],
    ['yank and put', 'yyjp', 'one two\nthree four\none two\nfive\n'],
    ['put before', 'yyP', 'one two\none two\nthree four\nfive\n'],
    ['replace', 'rX', 'Xne two\nthree four\nfive\n'],
    ['replace mode', 'RXY\x1b', 'XYe two\nthree four\nfive\n'],
    ['join', 'J', 'one two three four\nfive\n'],
    ['undo', 'ddddu', 'three four\nfive\n'],
    ['undo and redo', 'dduu\x12', 'three four\nfive\n'],
    ['repeat', 'xj.', 'ne two\nhree four\nfive\n'],
    ['repeat an insertion', 'Ax\x1bj.', 'one twox\nthree fourx\nfive\n'],
    ['search', '/fo\rx', 'one two\nthree our\nfive\n'],
    ['search on and back', '/o\rnnNx', 'one two\nthree fur\nfive\n'],
    ['go to a line', '2Gx', 'one two\nhree four\nfive\n'],
    ['last line', 'Gdd', 'one two\nthree four\n'],
    ['find a character', 'fti!\x1b', 'one !two\nthree four\nfive\n'],
    ['to a character', 'dtt', 'two\nthree four\nfive\n'],
    ['substitute all', ':%s/e/E/g\r', 'onE two\nthrEE four\nfivE\n'],
    ['substitute with groups', ':s/\\(o\\)n/n\\1/\r', 'noe two\nthree four\nfive\n'],
    ['delete a range', ':2,3d\r', 'one two\n'],
    ['indent', '>>', '  one two\nthree four\nfive\n'],
    ['visual', 'vey$p', 'one twoone\nthree four\nfive\n'],
    ['visual lines', 'Vjd', 'five\n'],
    ['counts', '3x', ' two\nthree four\nfive\n'],
    ['case', '~', 'One two\nthree four\nfive\n'],
    ['arrows in insert mode', 'i\x1b[C\x1b[CX\x1b', 'onXe two\nthree four\nfive\n'],
    ['paste', 'i\x1b[200~a\nb\x1b[201~\x1b', 'a\nbone two\nthree four\nfive\n'],
  ];
  test.each(cases)('%s', (_, keys, want) => {
    const { type, file } = open({ '/tmp/f': start });
    type('vi /tmp/f\r');
    type(keys);
    expect(type(':wq\r')).toContain('$');
    expect(file('/tmp/f')).toBe(want);
  });

  test('shows the file, says what it does, and guards changes', () => {
    const { type, file, screen } = open({ '/tmp/f': start });
    expect(type('vi /tmp/f\r')).toBe(`${start}~\n~\n~\n~\n~\n~\n${'"/tmp/f" 3L, 24B'.padEnd(42)}1,1`);
    expect(type('ix')).toContain('-- INSERT --');
    expect(type('\x1b:q\r')).toContain('E37: No write since last change');
    expect(type(':set nu\r').split('\n')[0]).toBe('  1 xone two');
    expect(type(':nonsense\r')).toContain('E492: Not an editor command: nonsense');
    expect(type(':w\r')).toContain('"/tmp/f" 3L, 25B written');
    expect(type('dd:q!\r')).toContain('$');
    expect(file('/tmp/f')).toBe(`x${start}`);
    expect(screen.text).not.toContain('~');
  });

  test('a new file, ZZ, and a file that cannot be written', () => {
    const { type, file } = open();
    expect(type('vi /tmp/new\r')).toContain('"/tmp/new" [New]');
    type('ihello\x1bZZ');
    expect(file('/tmp/new')).toBe('hello\n');
    type('vi /no/file\rix\x1b');
    expect(type(':w\r')).toContain("E212: Can't open file for writing");
    type(':q!\r');
    expect(type('echo ok\r')).toContain('ok');
  });
});

describe('nano', () => {
  test('edits, cuts, pastes, searches, and saves', () => {
    const { type, file } = open({ '/tmp/f': start });
    const shown = type('nano /tmp/f\r');
    expect(shown.split('\n')[0]).toContain('GNU nano');
    expect(shown).toContain('[ Read 3 lines ]');
    type('X\x1b[B\x0b\x1b[B\x15');
    expect(type('\x17five\r')).toContain('Search Wrapped');
    type('Y\x7fZ\x0f\r');
    expect(file('/tmp/f')).toBe('Xone two\nthree four\nZfive\n');
    expect(type('\x18')).toMatch(/\$$/);
  });

  test('asks before changes are lost', () => {
    const { type, file } = open({ '/tmp/f': start });
    type('nano /tmp/f\rX');
    expect(type('\x18')).toContain('Save modified buffer?');
    expect(type('n')).toMatch(/\$$/);
    expect(file('/tmp/f')).toBe(start);
    type('nano /tmp/f\rX\x18y\r');
    expect(file('/tmp/f')).toBe(`X${start}`);
  });
});

describe('less', () => {
  test('pages, searches and leaves', () => {
    const { type } = open({ '/tmp/f': Array.from({ length: 30 }, (_, i) => `line ${i + 1}\n`).join('') });
    expect(type('less /tmp/f\r').split('\n').slice(0, 2)).toEqual(['line 1', 'line 2']);
    expect(type(' ').split('\n')[0]).toBe('line 10');
    expect(type('G').split('\n').slice(-2)).toEqual(['line 30', '(END)']);
    expect(type('g/line 25\r')).toContain('line 25');
    type('q');
    expect(type('seq 3 | less; echo out\r')).toContain('(END)');
    expect(type('q')).toContain('out');
  });
});

describe('watch', () => {
  test('runs again and again until Ctrl-C', () => {
    const { type } = open();
    const first = type('watch -n 1 date +%S\r', 500);
    expect(first).toMatch(/^Every 1\.0s: date \+%S +box: /);
    expect(type('', 3000)).not.toBe(first);
    expect(type('\x03')).toMatch(/\$$/);
    expect(type('echo $?\r')).toContain('0');
  });
});
