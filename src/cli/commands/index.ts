import type { Command } from 'commander';
import { check } from './check.ts';
import { classCode } from './class.ts';
import { grade, gradeWorker } from './grade.ts';
import { init } from './init.ts';
import { list } from './list.ts';
import { run } from './run.ts';
import { serve } from './serve.ts';
import { shell } from './shell.ts';

/** Every command of `labs`, in the order of its help. */
export const commands: readonly Command[] = [list, shell, run, check, grade, init, classCode, serve];

/** Not for people. */
export const innerCommands: readonly Command[] = [gradeWorker];
