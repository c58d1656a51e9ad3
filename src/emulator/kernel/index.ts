/**
 * The kernel: virtual time, processes and what they share. A discrete-event simulation without promises.
 *
 * - Everything happens in a task of the one `EventLoop`, in the order (virtual time, insertion).
 * - A process is a generator that yields when it must wait. It is resumed until it blocks, ends, or has used its time slice,
 *   counted in steps; a slice costs virtual time, so that no endless activity fits in one instant.
 * - The kernel owns every resource. A killed process is simply never resumed: its `finally` blocks do not run, what it
 *   handed over with `sys.own` is closed.
 * - Bytes travel as `ByteString`, text is UTF-8.
 *
 * Deliberately absent: processes of several users on one machine, memory, promises, the network's wire (see `node/network/`).
 */
export * from './bytes.ts';
export type { Call, Wchan } from './call.ts';
export type { Decision, DecisionLog } from './decision-log.ts';
export * from './devices.ts';
export * from './errno.ts';
export * from './event-loop.ts';
export * from './executable.ts';
export { Fiber } from './fiber.ts';
export * from './file.ts';
export type { HostData } from './host-data.ts';
export * from './filesystem.ts';
export { FolderWatch } from './folder-watch.ts';
export type * from './http.ts';
export * from './io.ts';
export { Kernel } from './kernel.ts';
export { LazyFile } from './lazy-file.ts';
export * from './machine.ts';
export type { Address, ConnectOptions, Connection, DuplexStream, Listener, NetNamespace, Service, Transport } from './network.ts';
export { mountTable } from './mount-table.ts';
export type { FileUser } from './permissions.ts';
export { createPipe } from './pipe.ts';
export { capabilityNames } from './process-status.ts';
export { Process } from './process.ts';
export type { ExitStatus, Program, SpawnOptions } from './process.ts';
export { Random } from './random.ts';
export * from './script-engine.ts';
export * from './signals.ts';
export { Sys } from './sys.ts';
export * from './time.ts';
export * from './trace.ts';
export { Tty } from './tty.ts';
export * from './wait-queue.ts';
