import { CommandError } from '../errors.ts';
import type { Invocation } from '../invocation.ts';

/** What --validate means to the server: Strict, Warn or Ignore. */
export function fieldValidation(invocation: Invocation): string | undefined {
  if (!invocation.flags.has('validate')) return undefined;
  const text = invocation.flags.string('validate');
  if (text === 'strict' || text === 'true') return 'Strict';
  if (text === 'warn') return 'Warn';
  if (text === 'ignore' || text === 'false') return 'Ignore';
  throw new CommandError(`invalid - validate option ${JSON.stringify(text)}; must be one of: strict (or true), warn, ignore (or false)`);
}
