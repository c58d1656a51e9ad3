import type { Sys } from '../../../../emulator/kernel/index.ts';
import { textOf } from '../../../../emulator/kernel/index.ts';

/** Whether this machine has the full tools of Debian, or of an image that brings BIND's; everything else here has BusyBox's. */
export function isDebian(sys: Sys): boolean {
  if (sys.fs.find('/etc/debian_version') || sys.fs.find('/usr/bin/dig')) return true;
  return sys.fs.find('/etc/os-release') !== undefined && /^ID="?debian"?$/m.test(textOf(sys.fs.readFile('/etc/os-release')));
}

/** A pseudo-random part of a millisecond for what takes no virtual time: from the instant and a name, so that measuring changes nothing. */
export function jitterMs(sys: Sys, name: string, turn: number): number {
  let hash = (sys.nowMs * 31 + turn * 7919) >>> 0;
  for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 31) + name.charCodeAt(i)) >>> 0;
  return 0.04 + (hash % 60) / 1000;
}
