/**
 * A machine's init system, as far as the course needs it: units that run a program of the machine (kubelet) or stand for
 * a part of it (containerd), and the journal.
 *
 * - A service that ends by itself is started again after `restartSec`, unless it was stopped on purpose.
 * - The journal keeps the newest lines of each unit.
 *
 * Absent: dependencies between units, timers, sockets, unit files that a learner writes.
 */
export * from './journal.ts';
export * from './systemd.ts';
