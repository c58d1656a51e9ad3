import { describe, expect, test } from 'vitest';
import { textOf, utf8 } from './bytes.ts';
import { loadExecutable } from './executable.ts';
import { FileSystem, absolute, basename, directoryInode, dirname, fileInode, programInode } from './filesystem.ts';
import type { DirectoryInode } from './filesystem.ts';

const overlay = (lower: DirectoryInode): FileSystem => new FileSystem(() => 7, lower);

describe('paths', () => {
  test.each([
    ['/', 'a', '/a'],
    ['/x', '../a/./b', '/a/b'],
    ['/x', '/y/', '/y'],
    ['/', '../..', '/'],
  ])('%s and %s', (cwd, path, want) => expect(absolute(cwd, path)).toBe(want));

  test('parts', () => expect([dirname('/a/b'), dirname('/a'), basename('/a/b')]).toEqual(['/a', '/', 'b']));
});

describe('an overlay', () => {
  const base = (() => {
    const fs = new FileSystem(() => 0);
    fs.mkdirs('/bin');
    return fs;
  })();
  base.link(
    '/bin/tool',
    programInode(() => 0),
  );
  base.writeFile('/etc/os-release', utf8('ID=alpine\n'));
  base.writeFile('/etc/conf/a', utf8('a'));

  test('shows what lies below and keeps it as it is', () => {
    const [one, two] = [overlay(base.root), overlay(base.root)];
    one.writeFile('/etc/conf/a', utf8('changed'));
    one.writeFile('/etc/conf/b', utf8('b'));
    one.remove('/etc/os-release');
    expect(one.list('/etc')).toEqual(['conf']);
    expect(one.list('/etc/conf')).toEqual(['a', 'b']);
    expect(textOf(two.readFile('/etc/conf/a'))).toBe('a');
    expect(two.list('/etc')).toEqual(['conf', 'os-release']);
    expect(one.find('/etc/os-release')).toBeUndefined();
  });

  test('a removed directory that is made anew is empty', () => {
    const fs = overlay(base.root);
    fs.remove('/etc/conf', { recursive: true });
    fs.mkdir('/etc/conf');
    expect(fs.list('/etc/conf')).toEqual([]);
  });

  test('renames what lies below', () => {
    const fs = overlay(base.root);
    fs.rename('/etc/conf', '/conf');
    expect([fs.list('/conf'), fs.find('/etc/conf')]).toEqual([['a'], undefined]);
    expect(textOf(fs.readFile('/conf/a'))).toBe('a');
  });

  test('changes of mode copy up', () => {
    const fs = overlay(base.root);
    fs.writable('/etc/conf/a').mode = 0o600;
    expect([fs.inode('/etc/conf/a').mode, overlay(base.root).inode('/etc/conf/a').mode]).toEqual([0o600, 0o644]);
  });
});

describe('files', () => {
  test('errors', () => {
    const fs = new FileSystem(() => 0);
    fs.writeFile('/f', utf8('x'));
    const codes = [
      () => fs.open('/none', 'read'),
      () => fs.open('/f/x', 'read'),
      () => fs.list('/f'),
      () => fs.mkdir('/f'),
      () => fs.readFile('/'),
      () => fs.open('/no/f', 'write'),
      () => fs.mkdir('/f/d'),
    ].map((act) => {
      try {
        act();
        return 'none';
      } catch (error) {
        return (error as { code: string }).code;
      }
    });
    expect(codes).toEqual(['ENOENT', 'ENOTDIR', 'ENOTDIR', 'EEXIST', 'EISDIR', 'ENOENT', 'ENOTDIR']);
  });

  test('links, and loops of links', () => {
    const fs = new FileSystem(() => 0);
    fs.writeFile('/d/f', utf8('x'));
    fs.symlink('d', '/l');
    fs.symlink('/loop', '/loop');
    expect([textOf(fs.readFile('/l/f')), fs.resolve('/l/f'), fs.find('/l', { followLast: false })?.kind]).toEqual(['x', '/d/f', 'symlink']);
    expect(() => fs.readFile('/loop')).toThrow('Too many levels of symbolic links');
  });

  test('mounts, also over what is there, read-only or not', () => {
    const fs = new FileSystem(() => 0);
    const root = directoryInode();
    root.entries.set('key', fileInode(utf8('v')));
    fs.mount({ path: '/etc/config', root, readOnly: true, source: 'configmap', type: 'tmpfs' });
    expect([fs.list('/etc'), textOf(fs.readFile('/etc/config/key'))]).toEqual([['config'], 'v']);
    expect(() => fs.writeFile('/etc/config/key', utf8('x'))).toThrow('Read-only file system');
    expect(() => fs.remove('/etc/config')).toThrow('Device or resource busy');
    fs.unmount('/etc/config');
    expect(fs.list('/etc/config')).toEqual([]);
  });

  test('room is counted and comes back', () => {
    const fs = new FileSystem(() => 0, undefined, { limitBytes: 10 });
    fs.writeFile('/a', utf8('12345678'));
    expect(() => fs.writeFile('/b', utf8('123'))).toThrow('No space left on device');
    fs.rename('/a', '/c');
    expect(fs.usedBytes).toBe(8);
    fs.remove('/c');
    fs.writeFile('/b', utf8('123'));
    fs.writeFile('/b', utf8('1'));
    expect(fs.usedBytes).toBe(1);
  });

  test('what executes: a program, a script with its interpreter, nothing else', () => {
    const fs = new FileSystem(() => 0);
    const program = (): number => 0;
    fs.mkdirs('/bin');
    fs.link('/bin/sh', programInode(program));
    fs.writeFile('/s', utf8('#!/bin/sh -e\necho\n'), 0o755);
    fs.writeFile('/t', utf8('echo\n'), 0o755);
    fs.writeFile('/u', utf8('#!/none\n'), 0o755);
    expect(loadExecutable(fs, '/s', ['./s', 'x'])).toEqual({ program, argv: ['/bin/sh', '-e', '/s', 'x'] });
    expect(() => loadExecutable(fs, '/t', [])).toThrow('Exec format error');
    expect(() => loadExecutable(fs, '/u', [])).toThrow('No such file or directory');
    expect(() => loadExecutable(fs, '/bin', [])).toThrow('Permission denied');
  });
});
