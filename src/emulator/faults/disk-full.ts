import type { Cluster } from '../cluster/index.ts';
import { fileInode, utf8 } from '../kernel/index.ts';
import { FaultError, defineFault } from './fault.ts';
import { integer, machine, name } from './parameters.ts';
import { machineOf, systemdOf, unitOf } from './site.ts';

const gibibyte = 1024 ** 3;

/** A service of the machine, enabled and running, that makes the file grow as long as there is room. */
function writeOn(cluster: Cluster, node: string, service: string, file: string): void {
  const { fs } = machineOf(cluster, node);
  const program = `/usr/local/bin/${service}`;
  const script = [
    '#!/bin/sh',
    '# Keeps all that it hears, and throws nothing away.',
    `file=${file}`,
    'while true; do',
    '  size=$(du -k $file 2>/dev/null | cut -f1)',
    '  fallocate -o $((size))K -l 4G $file 2>/dev/null',
    '  sleep 10',
    'done',
  ];
  fs.mkdirs('/usr/local/bin');
  fs.writeFile(program, utf8(`${script.join('\n')}\n`), 0o755);
  const unit = `[Unit]\nDescription=${service}\n\n[Service]\nExecStart=${program}\nRestart=always\n\n[Install]\nWantedBy=multi-user.target\n`;
  fs.writeFile(`/etc/systemd/system/${service}.service`, utf8(unit));
  const systemd = systemdOf(cluster, node);
  systemd.reload();
  const state = unitOf(cluster, node, `${service}.service`);
  systemd.enable(state, true);
  systemd.start(state);
}

const nobody = 'nobody';

export const diskFull = defineFault({
  name: 'disk-full',
  cause:
    'A file on the machine takes nearly all of its disk: a log that nobody rotates. With `writer` a service of the machine goes on writing it.',
  symptoms:
    'The node has `DiskPressure` (`KubeletHasDiskPressure`) and the taint `node.kubernetes.io/disk-pressure:NoSchedule`; events `EvictionThresholdMet` (`Attempting to reclaim ephemeral-storage`) and `NodeHasDiskPressure`. Images that nobody uses are removed, then Pods are evicted one after the other (`Status: Failed`, `Reason: Evicted`, `The node was low on resource: ephemeral-storage`), and new ones stay `Pending`. `df -h` on the machine shows the disk, `du` the file.',
  mend: 'Remove the file, or empty it (`truncate -s 0`), and first stop and disable the `writer`, which `systemctl` lists and the file in /etc/systemd/system names. The condition stays for five minutes more. To delete Pods or taints changes nothing.',
  parameters: {
    node: machine('the machine', 'node-1'),
    path: name('the file, without the slash at its beginning', 'var/log/app/debug.log'),
    freeGiB: integer('how much stays free, in GiB; eviction begins below a tenth of the disk', { least: 0, most: 90 }, 3),
    writer: name('a service of the machine that goes on writing the file', nobody),
  },
  showsAfterMs: 25_000,
  *inject(cluster, { node, path, freeGiB, writer }) {
    const { fs } = machineOf(cluster, node);
    const bytes = fs.freeBytes - freeGiB * gibibyte;
    if (bytes <= 0) throw new FaultError(`${node} has no ${freeGiB} GiB left`);
    const inode = fileInode();
    const folder = `/${path}`.slice(0, path.lastIndexOf('/') + 1);
    if (folder) fs.mkdirs(folder);
    fs.link(`/${path}`, inode);
    fs.setAllocated(inode, bytes);
    if (writer !== nobody) writeOn(cluster, node, writer, `/${path}`);
  },
});
