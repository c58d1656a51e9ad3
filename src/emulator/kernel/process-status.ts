/** `/proc/PID/status`: who a process is and what it may do, in the kernel's words (fs/proc/array.c). */
import { utf8 } from './bytes.ts';
import type { ByteString } from './bytes.ts';
import type { Process } from './process.ts';

/** Linux's capabilities by their number (include/uapi/linux/capability.h). */
export const capabilityNames = (
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST ' +
  'NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE ' +
  'SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM ' +
  'BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'
).split(' ');

/** What processes of a machine without limits may do. */
const allCapabilities: ReadonlySet<string> = new Set(capabilityNames);

const maskOf = (names: ReadonlySet<string>): string =>
  capabilityNames
    .reduce((mask, name, bit) => (names.has(name) ? mask | (1n << BigInt(bit)) : mask), 0n)
    .toString(16)
    .padStart(16, '0');

/** The capabilities that bind a process: those that it is left with, which only root has without asking. */
export function capabilitiesOf({ machine }: Process): ReadonlySet<string> {
  return machine.user?.uid ? new Set() : (machine.privileges?.capabilities ?? allCapabilities);
}

export function processStatus(process: Process): ByteString {
  const { machine, pid, parent, argv } = process;
  const { uid, gid, groups } = machine.user ?? { uid: 0, gid: 0, groups: [] };
  const own = maskOf(capabilitiesOf(process));
  const lines: readonly (readonly [string, string])[] = [
    ['Name', (argv[0] ?? '').replace(/^.*\//, '').slice(0, 15)],
    ['State', process.state === 'zombie' ? 'Z (zombie)' : 'S (sleeping)'],
    ['Pid', String(pid)],
    ['PPid', String(parent?.machine === machine ? parent.pid : 0)],
    ['Uid', Array(4).fill(uid).join('\t')],
    ['Gid', Array(4).fill(gid).join('\t')],
    ['Groups', [...new Set([...groups, ...(groups.length > 0 ? [gid] : [])])].sort((a, b) => a - b).join(' ')],
    ['CapInh', maskOf(new Set())],
    ['CapPrm', own],
    ['CapEff', own],
    ['CapBnd', maskOf(machine.privileges?.capabilities ?? allCapabilities)],
    ['CapAmb', maskOf(new Set())],
    ['NoNewPrivs', machine.privileges?.noNewPrivileges ? '1' : '0'],
    ['Seccomp', machine.privileges?.isFiltered ? '2' : '0'],
    ['Seccomp_filters', machine.privileges?.isFiltered ? '1' : '0'],
  ];
  return utf8(lines.map(([name, value]) => `${name}:\t${value}\n`).join(''));
}

/** `/proc/PID/attr/current`: the AppArmor profile that confines a process. */
export const confinement = ({ machine }: Process): ByteString => utf8(`${machine.privileges?.profile ?? 'unconfined'}\n`);
