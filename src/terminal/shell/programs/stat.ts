import { formatDate } from '../date-format.ts';
import { linkCount, modifiedMs, permissions, sizeOf } from './file-listing.ts';
import { groupOf, ownerOf } from './owner.ts';
import { UsageError, complain, tool } from './tool.ts';

const types = { directory: 'directory', symlink: 'symbolic link', device: 'character special file', file: 'regular file' } as const;

export const stat = tool(
  { short: 'Lc:t', long: { dereference: 'L', 'format=': 'c', 'printf=': 'printf', terse: 't' }, usage: '[OPTION]... FILE...' },
  function* (sys, options) {
    if (options.operands.length === 0) throw new UsageError('missing operand');
    let status = 0;
    for (const operand of options.operands) {
      const path = sys.path(operand);
      const inode = sys.fs.find(path, { followLast: options.has('L') });
      if (!inode) {
        status = yield* complain(sys, `cannot statx '${operand}': No such file or directory`);
        continue;
      }
      const size = sizeOf(inode);
      const kind = inode.kind === 'file' && size === 0 ? 'regular empty file' : types[inode.kind];
      const time = formatDate(modifiedMs(sys, inode), '%F %T.%N %z');
      const octal = inode.mode.toString(8);
      const fields: Readonly<Record<string, string>> = {
        n: operand,
        N: inode.kind === 'symlink' ? `'${operand}' -> '${inode.target}'` : `'${operand}'`,
        s: String(size),
        a: octal,
        A: permissions(inode),
        F: kind,
        U: ownerOf(sys, inode),
        G: groupOf(sys, inode),
        u: String(inode.uid ?? 0),
        g: String(inode.gid ?? 0),
        h: String(linkCount(sys.fs, path, inode)),
        y: time,
        Y: String(Math.floor(modifiedMs(sys, inode) / 1000)),
        x: time,
        z: time,
        b: String(Math.ceil(size / 4096) * 8),
        B: '512',
        o: '4096',
        i: '1',
        '%': '%',
      };
      const format = options.value('c') ?? options.value('printf');
      if (format !== undefined) {
        const text = format.replace(/%(.)/g, (whole, letter: string) => fields[letter] ?? whole);
        yield* sys.print(1, options.has('printf') ? text.replaceAll('\\n', '\n').replaceAll('\\t', '\t') : `${text}\n`);
        continue;
      }
      yield* sys.print(
        1,
        [
          `  File: ${inode.kind === 'symlink' ? `${operand} -> ${inode.target}` : operand}`,
          `  Size: ${String(size).padEnd(15)} Blocks: ${fields.b!.padEnd(10)} IO Block: 4096   ${kind}`,
          `Access: (${octal.padStart(4, '0')}/${permissions(inode)})  Uid: (${fields.u!.padStart(5)}/${fields.U!.padStart(8)})   Gid: (${fields.g!.padStart(5)}/${fields.G!.padStart(8)})`,
          `Access: ${time}`,
          `Modify: ${time}`,
          `Change: ${time}`,
          ' Birth: -',
          '',
        ].join('\n'),
      );
    }
    return status;
  },
);
