/**
 * A machine's init system, as far as the course needs it: units that run a program of the machine (kubelet) or stand for
 * a part of it (containerd), and the journal.
 *
 * - What a unit is stands in its files and drop-ins, which count from the last `reload`; environment files are read at each start.
 * - A service that ends by itself is started again as its file says, unless it was stopped on purpose.
 * - The journal keeps the newest lines of each unit, and what the kernel says.
 * - Each machine has a clock of its own, which systemd-timesyncd keeps right while it runs.
 *
 * Absent: dependencies between units, timers, sockets, ExecStartPre and its like, limits of control groups.
 */
export * from './journal.ts';
export * from './systemd.ts';
export * from './time-sync.ts';
export { unitFolders } from './unit-file.ts';
