/** du, df and fallocate: how much room files take and filesystems have, and room that is set aside. */
import type { Call, FileSystem, Sys } from '../../../emulator/kernel/index.ts';
import { Errno, isErrno, noBytes } from '../../../emulator/kernel/index.ts';
import type { ContainerRuntime } from '../../../emulator/node/container-runtime/index.ts';
import { runtimeService } from '../../../emulator/node/container-runtime/index.ts';
import { inodeUsage } from '../../../emulator/node/kubelet/disk-usage.ts';
import type { Hardware } from '../../../emulator/node/kubelet/node-status.ts';
import { hardwareService } from '../../../emulator/node/kubelet/node-status.ts';
import { join, sizeOf } from './file-listing.ts';
import { UsageError, complain, humanSize, tool } from './tool.ts';

/** Kibibytes on disk, in whole blocks of four. */
function blocksOf(bytes: number): number {
  return Math.ceil(bytes / 4096) * 4;
}

export const du = tool(
  {
    short: 'shackd:xbmS',
    long: { summarize: 's', 'human-readable': 'h', all: 'a', total: 'c', 'max-depth=': 'd', 'apparent-size': 'b', bytes: 'b' },
    usage: '[OPTION]... [FILE]...',
  },
  function* (sys, options) {
    const maxDepth = options.has('s') ? 0 : options.has('d') ? Number(options.value('d')) : Number.POSITIVE_INFINITY;
    if (Number.isNaN(maxDepth)) throw new UsageError(`invalid maximum depth '${options.value('d')}'`);
    const show = (size: number): string =>
      options.has('b')
        ? String(size)
        : options.has('h')
          ? humanSize(size * 1024)
          : options.has('m')
            ? String(Math.ceil(size / 1024))
            : String(size);
    const lines: string[] = [];
    const visit = (path: string, shown: string, depth: number): number => {
      const inode = sys.fs.find(path, { followLast: false })!;
      let size = options.has('b') ? sizeOf(inode) : inode.kind === 'symlink' ? 0 : blocksOf(sizeOf(inode));
      if (inode.kind === 'directory') for (const name of sys.fs.list(path)) size += visit(join(path, name), join(shown, name), depth + 1);
      if (depth <= maxDepth && (inode.kind === 'directory' || options.has('a') || depth === 0)) lines.push(`${show(size)}\t${shown}\n`);
      return size;
    };
    let [total, status] = [0, 0];
    for (const operand of options.operands.length > 0 ? options.operands : ['.']) {
      if (!sys.fs.find(sys.path(operand), { followLast: false }))
        status = yield* complain(sys, `cannot access '${operand}': No such file or directory`);
      else total += visit(sys.path(operand), operand, 0);
    }
    if (options.has('c')) lines.push(`${show(total)}\ttotal\n`);
    yield* sys.print(1, lines.join(''));
    return status;
  },
);

/** Bytes of `2G`, `500MiB`, `1MB`; undefined for what is no size. */
function bytesOf(text: string): number | undefined {
  const [, digits, letter = '', rest = ''] = /^(\d+)(?:([KMGT])(iB|B)?)?$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  return Number(digits) * (rest === 'B' ? 1000 : 1024) ** ('KMGT'.indexOf(letter) + 1 || 0);
}

/** Of util-linux: sets room aside for a file, which needs to hold nothing for it. */
export const fallocate = tool(
  { short: 'l:o:', long: { 'length=': 'l', 'offset=': 'o' }, usage: '[options] <filename>' },
  function* (sys, options) {
    const [length, offset] = [bytesOf(options.value('l') ?? ''), bytesOf(options.value('o') ?? '0')];
    if (length === undefined) throw new UsageError(options.has('l') ? 'invalid length value specified' : 'no length argument specified');
    if (offset === undefined) throw new UsageError('invalid offset value specified');
    const [operand] = options.operands;
    if (operand === undefined) throw new UsageError('no filename specified');
    const path = sys.path(operand);
    try {
      if (!sys.fs.find(path)) sys.fs.writeFile(path, noBytes);
      const inode = sys.fs.inode(path);
      if (inode.kind !== 'file') throw new Errno('EISDIR');
      sys.fs.setAllocated(inode, Math.max(inode.allocatedBytes ?? 0, offset + length));
      return 0;
    } catch (error) {
      if (!isErrno(error)) throw error;
      return yield* complain(
        sys,
        error.code === 'ENOSPC' ? `fallocate failed: ${error.message}` : `cannot open ${operand}: ${error.message}`,
      );
    }
  },
);

interface Row {
  readonly source: string;
  readonly type: string;
  readonly size: number;
  readonly used: number;
  readonly at: string;
}

/** `df -i`. */
function* inodes(sys: Sys): Call<number> {
  const { machine } = sys;
  const runtime = machine.services.get(runtimeService) as ContainerRuntime | undefined;
  const hardware = machine.services.get(hardwareService) as Hardware | undefined;
  if (!runtime || !hardware) return yield* complain(sys, 'inodes of this filesystem are not counted here');
  const { capacity, used } = inodeUsage({ machine, runtime, hardware });
  const cells = ['/dev/vda1     ', String(capacity), String(used), String(capacity - used), `${Math.ceil((used / capacity) * 100)}%`];
  const header = ['Filesystem    ', 'Inodes', 'IUsed', 'IFree', 'IUse%'];
  const line = (row: readonly string[], last: string): string =>
    `${row.map((cell, i) => cell.padStart(Math.max(cells[i]!.length, header[i]!.length))).join(' ')} ${last}\n`;
  yield* sys.print(1, `${line(header, 'Mounted on')}${line(cells, '/')}`);
  return 0;
}

function rowsOf(sys: Sys, fs: FileSystem): Row[] {
  const { disk } = fs;
  const root = disk
    ? { source: '/dev/vda1', type: 'ext4', size: disk.capacityBytes, used: disk.capacityBytes - fs.freeBytes, at: '/' }
    : { source: 'overlay', type: 'overlay', size: fs.limitBytes, used: fs.usedBytes, at: '/' };
  return [
    root,
    ...fs.mounts
      .filter((mount) => !/^(proc|sysfs|cgroup)/.test(mount.type))
      .map((mount) => ({ source: mount.source, type: mount.type, size: fs.limitBytes, used: sizeOf(mount.root), at: mount.path })),
  ].filter((row) => sys.fs.find(row.at));
}

export const df = tool(
  { short: 'hTkaPi', long: { 'human-readable': 'h', 'print-type': 'T', all: 'a', portability: 'P' }, usage: '[OPTION]... [FILE]...' },
  function* (sys, options) {
    if (options.has('i')) return yield* inodes(sys);
    const { fs } = sys;
    const all = rowsOf(sys, fs);
    const chosen =
      options.operands.length === 0
        ? all
        : options.operands.map((operand) => all.find((row) => row.at === (fs.mountOf(sys.path(operand))?.path ?? '/')) ?? all[0]!);
    const size = (bytes: number): string => (options.has('h') ? humanSize(bytes) : String(Math.ceil(bytes / 1024)));
    const header = [
      'Filesystem',
      ...(options.has('T') ? ['Type'] : []),
      options.has('h') ? 'Size' : '1K-blocks',
      'Used',
      options.has('h') ? 'Avail' : 'Available',
      'Use%',
      'Mounted on',
    ];
    const rows = chosen.map((row) => [
      row.source,
      ...(options.has('T') ? [row.type] : []),
      size(row.size),
      size(row.used),
      size(Math.max(0, row.size - row.used)),
      `${Math.ceil((row.used / row.size) * 100)}%`,
      row.at,
    ]);
    const table = [header, ...rows];
    const widths = header.map((_, i) => Math.max(...table.map((row) => row[i]!.length)));
    const left = options.has('T') ? 2 : 1;
    const lines = table.map((row) =>
      row
        .map((cell, i) =>
          i === row.length - 1 ? cell : i < left ? cell.padEnd(Math.max(widths[i]!, i === 0 ? 14 : 0)) : cell.padStart(widths[i]!),
        )
        .join(' '),
    );
    yield* sys.print(1, `${lines.join('\n')}\n`);
    return 0;
  },
);
