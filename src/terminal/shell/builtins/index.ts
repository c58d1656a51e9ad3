/** The shell's own commands. One line each. One that cannot block returns its status; only the others are generators. */
import type { Maybe, Shell } from '../interpreter.ts';
import { alias, unalias } from './alias.ts';
import { breakLoop, colon, continueLoop, evaluateWords, execute, exit, returnFrom, shift, source } from './control.ts';
import { changeDirectory, dirs, popd, printDirectory, pushd } from './directory.ts';
import { echo } from './echo.ts';
import { getopts } from './getopts.ts';
import { history } from './history.ts';
import { background, disown, foregroundJob, jobs, kill, wait } from './jobs.ts';
import { times, ulimit, umask } from './limits.ts';
import { letExpression } from './let.ts';
import { set, shopt } from './options.ts';
import { printf } from './printf.ts';
import { mapfile, read } from './read.ts';
import { bracket, test } from './test.ts';
import { trap } from './trap.ts';
import { builtin, command, hash, type } from './type.ts';
import { declare, exportNames, local, readonly, unset } from './variables.ts';

export type Builtin = (shell: Shell, argv: readonly string[]) => Maybe<number>;

export const builtins: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ['.', source],
  [':', colon],
  ['[', bracket],
  ['alias', alias],
  ['bg', background],
  ['break', breakLoop],
  ['builtin', builtin],
  ['cd', changeDirectory],
  ['command', command],
  ['continue', continueLoop],
  ['declare', declare],
  ['dirs', dirs],
  ['disown', disown],
  ['echo', echo],
  ['eval', evaluateWords],
  ['exec', execute],
  ['exit', exit],
  ['export', exportNames],
  ['false', () => 1],
  ['fg', foregroundJob],
  ['getopts', getopts],
  ['hash', hash],
  ['history', history],
  ['jobs', jobs],
  ['kill', kill],
  ['let', letExpression],
  ['local', local],
  ['logout', exit],
  ['mapfile', mapfile],
  ['popd', popd],
  ['printf', printf],
  ['pushd', pushd],
  ['pwd', printDirectory],
  ['read', read],
  ['readarray', mapfile],
  ['readonly', readonly],
  ['return', returnFrom],
  ['set', set],
  ['shift', shift],
  ['shopt', shopt],
  ['source', source],
  ['test', test],
  ['times', times],
  ['trap', trap],
  ['true', () => 0],
  ['type', type],
  ['typeset', declare],
  ['ulimit', ulimit],
  ['umask', umask],
  ['unalias', unalias],
  ['unset', unset],
  ['wait', wait],
]);
