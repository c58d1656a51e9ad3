/**
 * The shell and the everyday programs: what answers in the learner's terminal, in `kubectl exec`, and in a container's
 * `sh -c`.
 *
 * - `sh` (also `bash`) is one interpreter on unbash's syntax tree. Builtins stand in `builtins/`, one name a line in its
 *   index; programs in `programs/`, likewise.
 * - Everything is a process on the emulator's kernel: it streams, can be stopped and killed at any step, and an endless
 *   one costs virtual time, never a frozen page.
 * - A program completes its own arguments by `withCompleter(program, completer)`; the shell finds it through PATH.
 * - Messages, formats and exit codes are those of bash 5.2, GNU coreutils, sed, mawk and jq 1.7; `transcripts/` holds what
 *   was compared with them.
 *
 * Absent: `select` and `coproc`, users other than root, 64-bit integers (numbers are exact up to 2^53).
 */
export { completerOf, withCompleter } from './completion/index.ts';
export type { Completer, CompletionContext } from './completion/index.ts';
export { programs } from './programs/index.ts';
export { sh } from './sh.ts';
