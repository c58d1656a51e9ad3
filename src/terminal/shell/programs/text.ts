import { createLineReader, readAll } from '../../../emulator/kernel/index.ts';
import type { ByteString, Call, Program } from '../../../emulator/kernel/index.ts';
import { forEachInput, parseFlags } from './inputs.ts';

export const cat: Program = (sys) =>
  forEachInput(sys, sys.argv.slice(1), function* (fd) {
    for (let data; (data = yield* sys.read(fd)) !== ''; ) yield* sys.write(1, data);
  });

export const head: Program = (sys) => {
  const { flags, rest } = parseFlags(sys.argv.slice(1), 'n');
  return forEachInput(sys, rest, function* (fd) {
    const lines = createLineReader(sys, fd);
    for (let left = Number(flags.get('n') ?? 10); left > 0; left--) {
      const line = yield* lines.next();
      if (line === undefined) return;
      yield* sys.write(1, `${line}\n` as ByteString);
    }
  });
};

export const grep: Program = function* (sys) {
  const { flags, rest } = parseFlags(sys.argv.slice(1), 'e');
  const pattern = new RegExp(flags.get('e') ?? rest.shift() ?? '', flags.has('i') ? 'i' : '');
  let count = 0;
  yield* forEachInput(sys, rest, function* (fd) {
    const lines = createLineReader(sys, fd);
    for (let line; (line = yield* lines.next()) !== undefined; ) {
      if (pattern.test(line) === flags.has('v')) continue;
      count++;
      if (flags.has('q')) return;
      if (!flags.has('c')) yield* sys.write(1, `${line}\n` as ByteString);
    }
  });
  if (flags.has('c')) yield* sys.print(1, `${count}\n`);
  return count > 0 ? 0 : 1;
};

export const wc: Program = (sys) => {
  const { flags, rest } = parseFlags(sys.argv.slice(1));
  return forEachInput(sys, rest, function* (fd, path) {
    const text = yield* readAll(sys, fd);
    const counts = { l: text.split('\n').length - 1, w: text.split(/\s+/).filter(Boolean).length, c: text.length };
    const chosen = (['l', 'w', 'c'] as const).filter((flag) => flags.size === 0 || flags.has(flag));
    yield* sys.print(1, [...chosen.map((flag) => counts[flag]), ...(path === '-' ? [] : [path])].join(' ') + '\n');
  });
};

export const sort: Program = (sys) => {
  const { flags, rest } = parseFlags(sys.argv.slice(1));
  return wholeText(sys, rest, (lines) => {
    const sorted = flags.has('n') ? lines.sort((a, b) => Number.parseFloat(a) - Number.parseFloat(b)) : lines.sort();
    return flags.has('r') ? sorted.reverse() : sorted;
  });
};

export const uniq: Program = (sys) => {
  const { flags, rest } = parseFlags(sys.argv.slice(1));
  return wholeText(sys, rest, (lines) => {
    const runs: { line: string; count: number }[] = [];
    for (const line of lines) {
      const last = runs.at(-1);
      if (last?.line === line) last.count++;
      else runs.push({ line, count: 1 });
    }
    return runs.map(({ line, count }) => (flags.has('c') ? `${String(count).padStart(7)} ${line}` : line));
  });
};

export const cut: Program = (sys) => {
  const { flags, rest } = parseFlags(sys.argv.slice(1), 'df');
  const fields = (flags.get('f') ?? '1').split(',').map(Number);
  const separator = flags.get('d') ?? '\t';
  return eachLine(sys, rest, (line) => fields.map((field) => line.split(separator)[field - 1] ?? '').join(separator));
};

export const tr: Program = (sys) => {
  const { flags, rest } = parseFlags(sys.argv.slice(1));
  const [from, to] = rest.map((set) => set.replace(/(.)-(.)/g, (_, a: string, b: string) => charRange(a, b)).replace('\\n', '\n'));
  return forEachInput(sys, [], function* (fd) {
    const translate = (char: string): string => {
      const i = from!.indexOf(char);
      return i < 0 ? char : flags.has('d') ? '' : (to![Math.min(i, to!.length - 1)] ?? '');
    };
    for (let data; (data = yield* sys.read(fd)) !== ''; ) yield* sys.print(1, Array.from(data, translate).join(''));
  });
};

function charRange(first: string, last: string): string {
  const start = first.charCodeAt(0);
  return Array.from({ length: last.charCodeAt(0) - start + 1 }, (_, i) => String.fromCharCode(start + i)).join('');
}

function eachLine(sys: Parameters<Program>[0], paths: readonly string[], change: (line: string) => string): Call<number> {
  return forEachInput(sys, paths, function* (fd) {
    const lines = createLineReader(sys, fd);
    for (let line; (line = yield* lines.next()) !== undefined; ) yield* sys.print(1, `${change(line)}\n`);
  });
}

function wholeText(sys: Parameters<Program>[0], paths: readonly string[], change: (lines: string[]) => string[]): Call<number> {
  return forEachInput(sys, paths, function* (fd) {
    const text = yield* readAll(sys, fd);
    const lines = change(text.replace(/\n$/, '').split('\n'));
    if (text !== '') yield* sys.print(1, `${lines.join('\n')}\n`);
  });
}
