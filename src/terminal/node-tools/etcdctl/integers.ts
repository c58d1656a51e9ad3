/** Numbers as strconv reads them, with its words for those that are none. */
import { quote } from '../../../emulator/machinery/go-quote.ts';
import { exitCodes, UsageError } from './context.ts';

/** Why a word is no integer, in the words of a function of strconv. */
export function integerProblem(word: string, by: 'ParseInt' | 'ParseUint', pattern: RegExp): string | undefined {
  return pattern.test(word) ? undefined : `strconv.${by}: parsing ${quote(word)}: invalid syntax`;
}

export function goInteger(word: string, code: number, prefix = ''): number {
  const problem = integerProblem(word, 'ParseInt', /^[+-]?\d+$/);
  if (problem !== undefined) throw new UsageError(prefix === '' ? problem : `${prefix} (${problem})`, code);
  return Number(word);
}

/** Of a lease. */
export function hexInteger(word: string, prefix: string): number {
  const problem = integerProblem(word, 'ParseInt', /^[+-]?[0-9a-f]+$/i);
  if (problem !== undefined) throw new UsageError(`${prefix} (${problem}), expecting ID in Hex`);
  return Number.parseInt(word, 16);
}

/** Of a member: sixteen digits. */
export function memberId(word: string, code = exitCodes.badArguments, prefix = 'bad member ID arg'): string {
  const problem = integerProblem(word, 'ParseUint', /^[0-9a-f]{1,16}$/i);
  if (problem !== undefined) throw new UsageError(prefix === '' ? problem : `${prefix} (${problem}), expecting ID in Hex`, code);
  return word.toLowerCase().padStart(16, '0');
}
