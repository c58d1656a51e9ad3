/** The device files that every container and machine has. */
import { noBytes } from './bytes.ts';
import type { ByteString } from './bytes.ts';
import { Errno } from './errno.ts';
import { OpenFile } from './file.ts';
import type { DeviceInode, FileSystem } from './filesystem.ts';
import type { Random } from './random.ts';

class Device extends OpenFile {
  readonly #produce: (max: number) => ByteString;
  readonly #isFull: boolean;

  constructor(produce: (max: number) => ByteString, isFull = false) {
    super();
    this.#produce = produce;
    this.#isFull = isFull;
  }

  override read(max: number): ByteString {
    return this.#produce(max);
  }

  override write(data: ByteString): number {
    if (this.#isFull) throw new Errno('ENOSPC');
    return data.length;
  }
}

const zeros = (max: number): ByteString => '\0'.repeat(Math.min(max, 65_536)) as ByteString;

/** A device file that makes an open file each time it is opened. */
export function deviceInode(open: () => OpenFile, mode = 0o666): DeviceInode {
  return { kind: 'device', mode, mtimeMs: 0, open };
}

/** Makes /dev with null, zero, full, random and urandom. `/dev/fd`, `/dev/stdin` and `/dev/tty` are a matter of the process: see `Sys.openFile`. */
export function addDevices(fs: FileSystem, random: Random): void {
  const noise = (max: number): ByteString => {
    let out = '';
    while (out.length < Math.min(max, 65_536)) out += String.fromCharCode(random.below(256));
    return out as ByteString;
  };
  fs.mkdirs('/dev');
  fs.link(
    '/dev/null',
    deviceInode(() => new Device(() => noBytes)),
  );
  fs.link(
    '/dev/zero',
    deviceInode(() => new Device(zeros)),
  );
  fs.link(
    '/dev/full',
    deviceInode(() => new Device(zeros, true)),
  );
  for (const name of ['random', 'urandom'])
    fs.link(
      `/dev/${name}`,
      deviceInode(() => new Device(noise)),
    );
}
