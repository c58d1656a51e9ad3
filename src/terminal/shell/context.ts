/** What a shell knows and says: its variables as expansion sees them, where it stands in its source, and its messages. */
import { Errno, Interrupted, utf8 } from '../../emulator/kernel/index.ts';
import type { Call, Signal, Sys } from '../../emulator/kernel/index.ts';
import { evaluateText } from './arithmetic.ts';
import { ExpansionError } from './scope.ts';
import { arithmeticScope, expandText } from './expansion.ts';
import type { Scope, SubstitutionPart } from './scope.ts';
import { JobTable } from './jobs.ts';
import { glob } from './pattern.ts';
import { readSpecial } from './special-parameters.ts';
import type { ShellState } from './state.ts';
import type { Variable } from './variables.ts';

/** A result now, or a call that may block on the way to it. */
export type Maybe<T> = T | Call<T>;

/** Why the rest of a list is not run. `interrupt` is Ctrl-C, `abort` an error that ends an interactive command line. */
export type Flow = { kind: 'break' | 'continue'; levels: number } | { kind: 'return' } | { kind: 'interrupt' } | { kind: 'abort' };

const noOutputs: ReadonlyMap<SubstitutionPart, string> = new Map();

export abstract class ShellContext implements Scope {
  readonly sys: Sys;
  readonly state: ShellState;
  readonly jobs: JobTable;
  readonly traps = new Map<Signal | 'EXIT' | 'ERR', string>();
  /** With job control every pipeline is a process group and Ctrl-C does not reach the shell. */
  hasJobControl = false;
  isInteractive = false;
  isSubshell = false;
  isLogin = false;
  /** `exit` has warned of stopped jobs; the next one goes through. */
  warnedOfJobs = false;
  /** How many command substitutions this shell runs inside of. */
  substitutionDepth = 0;
  flow: Flow | undefined;
  outputs = noOutputs;
  /** Variables to restore when the function at hand returns. */
  locals: Map<string, Variable | undefined> | undefined;
  /** Names of the functions being called, the innermost first. */
  functionNames: readonly string[] = [];
  sourceDepth = 0;
  loopDepth = 0;
  /** The line editor's history, for the builtin `history`. */
  history: string[] = [];
  /** The source that the positions of the nodes at hand count in. */
  text = '';
  /** Where the simple command at hand begins and ends in it. */
  position = 0;
  end = 0;
  /** Descriptors of process substitutions, to be closed after the command at hand. */
  readonly temporaryFds: number[] = [];

  constructor(sys: Sys, state: ShellState) {
    this.sys = sys;
    this.state = state;
    this.jobs = new JobTable(sys);
  }

  /** The shell's own commands, by name. */
  abstract readonly builtins: ReadonlyMap<string, unknown>;

  // Scope: what expansion sees.

  get(name: string): string | undefined {
    const special = readSpecial(this, name);
    return special === null ? this.state.variables.get(name) : special;
  }

  set(name: string, value: string): void {
    const { variables } = this.state;
    const isInteger = variables.lookup(name)?.isInteger;
    variables.set(name, isInteger ? String(evaluateText(value, arithmeticScope(this))) : value);
    if (this.state.options.allexport) variables.declare(name, { isExported: true });
  }

  elements(name: string): ReadonlyMap<string, string> {
    if (name === 'PIPESTATUS') return new Map(this.state.pipeStatus.map((status, i) => [String(i), String(status)]));
    if (name === 'FUNCNAME') return new Map(this.functionNames.map((value, i) => [String(i), value]));
    return this.state.variables.elements(name);
  }

  setElement(name: string, key: string, value: string): void {
    this.state.variables.setElement(name, key, value);
  }

  subscript(name: string, index: string): string {
    if (this.state.variables.lookup(name)?.isAssociative) return index;
    const value = evaluateText(index, arithmeticScope(this));
    if (value >= 0) return String(value);
    const last = [...this.elements(name).keys()].at(-1) ?? '-1';
    if (Number(last) + 1 + value < 0) throw new ExpansionError(`${name}: bad array subscript`);
    return String(Number(last) + 1 + value);
  }

  /** What external commands get. */
  environment(): ReadonlyMap<string, string> {
    return this.state.variables.environment();
  }

  names(prefix: string): string[] {
    return this.state.variables.names(prefix);
  }

  get positional(): readonly string[] {
    return this.state.positional;
  }

  get isNullglob(): boolean {
    return this.state.shopt.nullglob;
  }

  get isNounset(): boolean {
    return this.state.options.nounset;
  }

  glob(pattern: string): string[] {
    if (this.state.options.noglob) return [];
    const found = glob(this.sys.fs, this.sys.cwd, pattern);
    if (found.length === 0 && this.state.shopt.failglob) throw new ExpansionError(`no match: ${pattern}`);
    return found;
  }
  // Output.

  /** Writes to standard output, at once if there is room. */
  print(text: string): Maybe<number> {
    return this.sys.tryWrite(1, utf8(text)) ? 0 : this.#printSlowly(text);
  }

  *#printSlowly(text: string): Call<number> {
    try {
      yield* this.sys.print(1, text);
      return 0;
    } catch (error) {
      if (error instanceof Interrupted || !(error instanceof Errno)) throw error;
      return yield* this.complain(`write error: ${error.message}`);
    }
  }

  *trace(line: string): Call<void> {
    const prefix = expandText({ value: this.get('PS4') ?? '+ ', parts: undefined, text: '' }, this);
    yield* this.sys.print(2, `${prefix.slice(0, 1).repeat(this.substitutionDepth)}${prefix}${line}\n`);
  }

  /** The simple command at hand as it was written. */
  get commandText(): string {
    return this.text.slice(this.position, this.end);
  }

  /** The line of the command at hand, from 1. */
  get line(): number {
    return this.text.slice(0, this.position).split('\n').length;
  }

  *complain(message: string, status = 1): Call<number> {
    const where = this.isInteractive ? '' : `line ${this.line}: `;
    yield* this.sys.print(2, `${this.state.name}: ${where}${message}\n`);
    return status;
  }
}
