import { fileInode } from '../kernel/index.ts';
import { FaultError, defineFault } from './fault.ts';
import { integer, machine, name } from './parameters.ts';
import { machineOf } from './site.ts';

const gibibyte = 1024 ** 3;

export const diskFull = defineFault({
  name: 'disk-full',
  cause: 'A file on the machine takes nearly all of its disk: a log that nobody rotates.',
  symptoms:
    'The node has `DiskPressure` (`KubeletHasDiskPressure`) and the taint `node.kubernetes.io/disk-pressure:NoSchedule`; events `EvictionThresholdMet` (`Attempting to reclaim ephemeral-storage`) and `NodeHasDiskPressure`. Images that nobody uses are removed, then Pods are evicted one after the other (`Status: Failed`, `Reason: Evicted`, `The node was low on resource: ephemeral-storage`), and new ones stay `Pending`. `df -h` on the machine shows the disk, `du` the file.',
  mend: 'Remove the file, or empty it (`truncate -s 0`). The condition stays for five minutes more. To delete Pods or taints changes nothing.',
  parameters: {
    node: machine('the machine', 'node-1'),
    path: name('the file, without the slash at its beginning', 'var/log/app/debug.log'),
    freeGiB: integer('how much stays free, in GiB; eviction begins below a tenth of the disk', { least: 0, most: 90 }, 3),
  },
  showsAfterMs: 25_000,
  *inject(cluster, { node, path, freeGiB }) {
    const { fs } = machineOf(cluster, node);
    const bytes = fs.freeBytes - freeGiB * gibibyte;
    if (bytes <= 0) throw new FaultError(`${node} has no ${freeGiB} GiB left`);
    const inode = fileInode();
    const folder = `/${path}`.slice(0, path.lastIndexOf('/') + 1);
    if (folder) fs.mkdirs(folder);
    fs.link(`/${path}`, inode);
    fs.setAllocated(inode, bytes);
  },
});
