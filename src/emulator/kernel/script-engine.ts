/**
 * An interpreter for JavaScript that a learner writes. The host fetches one when it is wanted (`hostData`, under
 * `scriptEngineName`), one for each process that takes it; what it runs knows neither the host nor the time, and can be stopped at any step.
 */

export const scriptEngineName = 'javascript';

/** Belongs to one process: a script that takes all memory harms no other. */
export interface ScriptEngine {
  /**
   * Runs the files, one after the other, in a world of their own. Throws a ScriptError.
   * `steps` is how much they and each later call may do: it counts branches and calls, never time, so that it ends at the same
   * place everywhere.
   */
  load(files: readonly { readonly name: string; readonly text: string }[], steps: number): Script;
}

export interface Script {
  /** Calls a global function with a text and returns its text. Throws a ScriptError. */
  call(name: string, argument: string): string;
  /** Gives the memory back; it cannot be called any more. */
  close(): void;
}

/** What was wrong with a script, as a person would want to read it: `TypeError: x is not a function (score.js:3)`. */
export class ScriptError extends Error {}
