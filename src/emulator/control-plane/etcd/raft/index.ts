/**
 * Raft, as etcd runs it (go.etcd.io/raft): how members agree on one log.
 *
 * - `Raft` is a pure state machine: `tick` and `step` take time and messages in, `takeReady` hands over what to apply and to send.
 *   It knows no network, clock or process, so that a simulation can drive it through any weather.
 * - What must survive a crash is on the `Disk` before a message leaves. Nothing else needs to be.
 * - One leader a term; an entry is committed once a majority has it and the leader made it, or one behind it, in its own term.
 * - A member that hears from a leader lets no other disturb it, and one that was cut off asks before it enters a new term
 *   (CheckQuorum, PreVote). Reads are answered once a majority has confirmed the leader (ReadIndex).
 *
 * Deliberately absent: joint consensus and limits of messages in flight, which etcd's own use of raft does not need either.
 */
export { LostLogError } from './log.ts';
export { createDisk } from './messages.ts';
export type { ConfChange, Configuration, Disk, Entry, Message, Ready, Snapshot } from './messages.ts';
export { Raft } from './raft.ts';
export type { Role } from './raft.ts';
