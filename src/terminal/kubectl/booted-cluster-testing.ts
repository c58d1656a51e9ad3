/** A booted cluster for tests, and the learner's shell on its control plane. */
import type { Cluster, ClusterSpec } from '../../emulator/cluster/index.ts';
import { createCluster } from '../../emulator/cluster/index.ts';
import type { ByteString } from '../../emulator/kernel/index.ts';
import { FdTable, noBytes, OpenFile, textOf } from '../../emulator/kernel/index.ts';
import { programs } from '../programs.ts';

/** Collects what is written to it. */
class Capture extends OpenFile {
  bytes = '';
  override read(): ByteString {
    return noBytes;
  }
  override write(data: ByteString): number {
    this.bytes += data;
    return data.length;
  }
}

export class BootedCluster {
  readonly #cluster: Cluster;

  constructor(spec: ClusterSpec = {}) {
    this.#cluster = createCluster({ ...spec, programs });
  }

  /** Runs lines of the learner's shell on the control plane; both streams in one. */
  run(line: string, limitMs = 300_000): string {
    const { kernel } = this.#cluster;
    const machine = this.#cluster.machine('control-plane')!;
    const [output, fds] = [new Capture(), new FdTable()];
    fds.set(0, machine.fs.open('/dev/null', 'read'));
    fds.set(1, output);
    fds.set(2, output);
    const inode = machine.fs.inode('/bin/bash');
    if (inode.kind !== 'file' || !inode.program) throw new Error('no shell');
    const env = new Map([
      ['HOME', '/root'],
      ['PATH', '/usr/local/bin:/usr/bin:/bin'],
    ]);
    const process = kernel.spawn({ machine, program: inode.program, argv: ['bash', '-c', line], fds, env, cwd: '/root', pgid: 'new' });
    for (const end = kernel.loop.now + limitMs; !process.exit && kernel.loop.now < end; )
      kernel.loop.run({ untilMs: Math.min(kernel.loop.nextDueMs ?? end, end) });
    if (!process.exit) throw new Error(`${line} never ended`);
    return textOf(output.bytes as ByteString);
  }
}
