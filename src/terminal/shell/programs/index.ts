/** Every program that a container or a terminal can run. One line each. */
import type { Program } from '../../../emulator/kernel/index.ts';
import { sh } from '../sh.ts';
import { ls, mkdir, rm, tail, tee, touch } from './files.ts';
import { date, env, seq, sleep, yes } from './system.ts';
import { cat, cut, grep, head, sort, tr, uniq, wc } from './text.ts';

export const programs: ReadonlyMap<string, Program> = new Map<string, Program>(
  Object.entries({
    cat, cut, date, env, grep, head, ls, mkdir, rm, seq, sh, bash: sh, sleep, sort, tail, tee, touch, tr, uniq, wc, yes,
    true: () => 0,
    false: () => 1,
  }),
);
