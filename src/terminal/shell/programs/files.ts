import { WaitQueue, readAll } from '../../../emulator/kernel/index.ts';
import type { Program } from '../../../emulator/kernel/index.ts';
import { forEachInput, parseFlags } from './inputs.ts';

export const ls: Program = function* (sys) {
  const { flags, rest } = parseFlags(sys.argv.slice(1));
  for (const path of rest.length > 0 ? rest : ['.']) {
    const node = sys.fs.find(sys.path(path));
    const names = node?.kind === 'file' ? [path] : sys.fs.list(sys.path(path));
    const shown = names.filter((name) => flags.has('a') || !name.startsWith('.'));
    if (shown.length > 0) yield* sys.print(1, `${shown.join('\n')}\n`);
  }
  return 0;
};

export const mkdir: Program = (sys) => {
  for (const path of parseFlags(sys.argv.slice(1)).rest) sys.fs.mkdir(sys.path(path));
  return 0;
};

export const rm: Program = (sys) => {
  for (const path of parseFlags(sys.argv.slice(1)).rest) sys.fs.remove(sys.path(path));
  return 0;
};

export const touch: Program = (sys) => {
  for (const path of sys.argv.slice(1)) sys.fds.close(sys.open(path, 'append'));
  return 0;
};

export const tail: Program = (sys) => {
  const { flags, rest } = parseFlags(sys.argv.slice(1), 'n');
  return forEachInput(sys, rest, function* (fd, path) {
    const lines = (yield* readAll(sys, fd)).split('\n');
    const isComplete = lines.at(-1) === '';
    const count = Number(flags.get('n') ?? 10) + (isComplete ? 1 : 0);
    yield* sys.print(1, lines.slice(-count).join('\n'));
    const node = sys.fs.find(sys.path(path));
    while (flags.has('f') && node?.kind === 'file') {
      const data = yield* sys.read(fd);
      if (data === '') yield* sys.block((node.changed ??= new WaitQueue()), 'inotify');
      else yield* sys.write(1, data);
    }
  });
};

export const tee: Program = function* (sys) {
  const fds = sys.argv.slice(1).map((path) => sys.open(path, 'write'));
  for (let data; (data = yield* sys.read(0)) !== ''; ) {
    for (const fd of [1, ...fds]) yield* sys.write(fd, data);
  }
  return 0;
};
