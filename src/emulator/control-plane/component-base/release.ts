/** Of which release a program of Kubernetes is: one text serves all that the emulator offers, and says the right version of itself. */
import type { Program, Sys } from '../../kernel/index.ts';

export const defaultRelease = 'v1.34.1';

const running = new WeakMap<Sys, string>();
const programs = new WeakMap<Program, { readonly release: string; readonly plain: Program }>();

/** The program as a release of this name has it. */
export function ofRelease(release: string, program: Program): Program {
  const plain = programs.get(program)?.plain ?? program;
  if (release === defaultRelease) return plain;
  const made: Program = (sys) => {
    running.set(sys, release);
    return plain(sys);
  };
  programs.set(made, { release, plain });
  return made;
}

/** The release that a process is of. */
export function releaseOf(sys: Sys): string {
  return running.get(sys) ?? defaultRelease;
}

/** The release of a program's file. */
export function releaseOfProgram(program: Program): string {
  return programs.get(program)?.release ?? defaultRelease;
}
