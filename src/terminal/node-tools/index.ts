/**
 * The tools of whoever stands on a node: ssh, systemctl, journalctl, crictl, etcdctl, poweroff.
 *
 * - Each is a program of the machine it runs on and knows nothing but that machine: its services, its runtime, its network.
 * - Output has the real tools' form; what a tool cannot do here it refuses with its own words for an unknown flag or command.
 */
import type { Program } from '../../emulator/kernel/index.ts';
import { crictl } from './crictl.ts';
import { etcdctl } from './etcdctl.ts';
import { hostnamectl } from './hostnamectl.ts';
import { journalctl } from './journalctl.ts';
import { poweroff, reboot, shutdown } from './power.ts';
import { ssh } from './ssh.ts';
import { systemctl } from './systemctl.ts';

export const nodeTools: ReadonlyMap<string, Program> = new Map<string, Program>([
  ['crictl', crictl],
  ['etcdctl', etcdctl],
  ['halt', poweroff],
  ['hostnamectl', hostnamectl],
  ['journalctl', journalctl],
  ['poweroff', poweroff],
  ['reboot', reboot],
  ['shutdown', shutdown],
  ['ssh', ssh],
  ['systemctl', systemctl],
]);
