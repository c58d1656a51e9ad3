/** A mistake of whoever typed the command: one line, exit code 2. */
export class UsageError extends Error {}
