/**
 * The tools of whoever stands on a node: ssh, systemctl, journalctl, crictl, ctr, etcdctl, etcdutl, timedatectl, poweroff; and three of this course's own: netmatrix
 * and packets show who reaches whom and a packet's whole path, why shows how the scheduler chose.
 *
 * - Each is a program of the machine it runs on and knows nothing but that machine: its services, its runtime, its network.
 * - Output has the real tools' form; what a tool cannot do here it refuses with its own words for an unknown flag or command.
 */
import type { Program } from '../../emulator/kernel/index.ts';
import { aptCache, aptGet, aptMark } from './apt.ts';
import { crictl } from './crictl.ts';
import { ctr } from './ctr.ts';
import { dmesg } from './dmesg.ts';
import { etcdctl, etcdutl } from './etcdctl/index.ts';
import { hostnamectl } from './hostnamectl.ts';
import { journalctl } from './journalctl.ts';
import { kubeadm } from './kubeadm/index.ts';
import { netmatrix } from './netmatrix.ts';
import { packets } from './packets.ts';
import { poweroff, reboot, shutdown } from './power.ts';
import { ssh } from './ssh.ts';
import { systemctl } from './systemctl.ts';
import { hwclock, timedatectl } from './timedatectl.ts';
import { why } from './why.ts';

export const nodeTools: ReadonlyMap<string, Program> = new Map<string, Program>([
  ['apt-cache', aptCache],
  ['apt-get', aptGet],
  ['apt-mark', aptMark],
  ['crictl', crictl],
  ['ctr', ctr],
  ['dmesg', dmesg],
  ['etcdctl', etcdctl],
  ['etcdutl', etcdutl],
  ['halt', poweroff],
  ['hostnamectl', hostnamectl],
  ['hwclock', hwclock],
  ['journalctl', journalctl],
  ['kubeadm', kubeadm],
  ['netmatrix', netmatrix],
  ['packets', packets],
  ['poweroff', poweroff],
  ['reboot', reboot],
  ['shutdown', shutdown],
  ['ssh', ssh],
  ['systemctl', systemctl],
  ['timedatectl', timedatectl],
  ['why', why],
]);
