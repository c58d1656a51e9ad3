/**
 * A shell on unbash's syntax tree, running inside one process.
 *
 * - `node` returns a status at once where nothing can block, and a generator otherwise (`Maybe`). Loops over
 *   builtins therefore create few generators, and only what may block is written as one.
 * - Leaving a loop, a function or a command line is a value in `flow`, not an exception.
 * - A subshell is a new process with a copy of the state. Nothing ever forks a generator, which cannot be copied.
 */
import type {
  AndOr,
  ArithmeticFor,
  Case,
  Command,
  Function as FunctionNode,
  For,
  If,
  ParsedScript,
  Pipeline,
  PipelineNode,
  Redirected,
  Redirection,
  Statement,
  SyntaxNode,
  While,
  Word,
} from 'unbash';
import { Errno, isOutOfMemory } from '../../emulator/kernel/index.ts';
import type { Call, Signal, SpawnOptions, Sys } from '../../emulator/kernel/index.ts';
import { withAlias } from './aliases.ts';
import { evaluate } from './arithmetic.ts';
import { argvOf, assign } from './assignment.ts';
import { builtins } from './builtins/index.ts';
import { findCommand } from './command-lookup.ts';
import { runArithmetic, runTest } from './conditional-commands.ts';
import { arithmeticScope, expandPattern, expandText } from './expansion.ts';
import { ExpansionError } from './scope.ts';
import { isNeeded, substitutionsIn } from './substitutions.ts';
import { expandWords } from './words.ts';
import type { SubstitutionPart } from './scope.ts';
import { statement } from './nodes.ts';
import { ShellContext } from './context.ts';
import type { Maybe } from './context.ts';
import { parse } from './parse.ts';
import { patternRegExp } from './pattern.ts';
import { backgroundJob, capture, foreground, roomToFork, runPipeline, spawnSubshell, substituteProcess } from './processes.ts';
import { applyRedirection } from './redirection.ts';
import { copyState } from './state.ts';
import { firstError, syntaxError } from './syntax-error.ts';
import { elapsed, traceWords } from './tracing.ts';
import { isShellError } from './shell-error.ts';
import type { Variable } from './variables.ts';

export type { Flow, Maybe } from './context.ts';

/** What an error must put back. */
type Frame = Pick<Shell, 'locals' | 'text' | 'functionNames' | 'loopDepth' | 'sourceDepth' | 'savedFds'> & {
  readonly positional: readonly string[];
  readonly conditionDepth: number;
};

const maxFunctionDepth = 500;
const maxSourceDepth = 100;

export class Shell extends ShellContext {
  readonly builtins = builtins;
  readonly #dueTraps: string[] = [];
  #conditionDepth = 0;
  /** The next simple command is the last thing this process does, so it may `exec`. */
  #isTail = false;

  // Running.

  /** Parses and runs a text in this shell: a script, a sourced file, `eval`, a trap. */
  *source(text: string, origin = this.state.isScript ? '' : '-c: '): Call<number> {
    const script = parse(text);
    const error = firstError(script);
    if (error) {
      const { line, messages } = syntaxError(text, error);
      const where = this.isInteractive ? '' : `${origin}line ${line}: `;
      for (const message of messages) yield* this.sys.print(2, `${this.state.name}: ${where}${message}\n`);
      return (this.state.status = 2);
    }
    if (this.sourceDepth >= maxSourceDepth) throw new ExpansionError('maximum source nesting level exceeded');
    const outer = this.text;
    this.text = text;
    this.sourceDepth++;
    const status = yield* this.script(script);
    this.sourceDepth--;
    this.text = outer;
    return status;
  }

  *script(script: Pick<ParsedScript, 'commands'>): Call<number> {
    const before = this.#frame();
    try {
      const status = this.list(script.commands);
      return typeof status === 'number' ? status : yield* status;
    } catch (error) {
      if (!isShellError(error) && !isOutOfMemory(error)) throw error;
      this.#unwind(before);
      yield* this.complain(isShellError(error) ? error.message : 'cannot allocate memory');
      this.state.status =
        error instanceof ExpansionError && /: unbound variable$|: parameter |^\w+: /.test(error.message) && !error.message.includes('fork')
          ? this.isInteractive
            ? 1
            : 127
          : 1;
      if (this.isInteractive) {
        this.flow = { kind: 'abort' };
        return this.state.status;
      }
      yield* this.runExitTrap();
      return this.sys.exit(this.state.status);
    }
  }

  #frame(): Frame {
    const { locals, text, functionNames, loopDepth, sourceDepth, savedFds } = this;
    return {
      positional: this.state.positional,
      conditionDepth: this.#conditionDepth,
      locals,
      text,
      functionNames,
      loopDepth,
      sourceDepth,
      savedFds,
    };
  }

  /** Puts back what the calls, loops and redirections that an error left have set. */
  #unwind({ positional, conditionDepth, savedFds, ...rest }: Frame): void {
    while (this.savedFds > savedFds) this.#popFds();
    for (const fd of this.temporaryFds.splice(0)) this.sys.fds.close(fd);
    if (this.locals !== rest.locals) for (const [name, value] of this.locals ?? []) this.state.variables.restore(name, value);
    Object.assign(this, rest);
    this.state.positional = positional;
    this.#conditionDepth = conditionDepth;
  }

  /** Leaves whatever was running, after Ctrl-C at the prompt. */
  reset(): void {
    this.#unwind({
      positional: this.state.positional,
      conditionDepth: 0,
      locals: undefined,
      text: '',
      functionNames: [],
      loopDepth: 0,
      sourceDepth: 0,
      savedFds: 0,
    });
  }

  /** The whole life of a shell process: a script or one node of a parent's, then the EXIT trap. */
  *main(body: string | PipelineNode | AndOr): Call<number> {
    try {
      yield* this.#run(body);
    } catch (error) {
      if (!(error instanceof ErrExit)) throw error;
      this.reset();
    }
    yield* this.runExitTrap();
    return this.state.status;
  }

  *#run(body: string | PipelineNode | AndOr): Call<void> {
    if (typeof body === 'string') {
      const { commands, errors } = parse(body);
      this.#isTail = !errors && commands.length === 1 && commands[0]!.command.type === 'Command' && !commands[0]!.background;
      yield* this.source(body);
    } else {
      this.#isTail = body.type === 'Command';
      yield* this.script({ commands: [statement(body)] });
    }
    yield* this.#handleSignals();
  }

  *runExitTrap(): Call<void> {
    const trap = this.traps.get('EXIT');
    this.traps.delete('EXIT');
    if (trap === undefined) return;
    const { status } = this.state;
    this.flow = undefined;
    yield* this.source(trap);
    this.state.status = status;
  }

  list(statements: readonly Statement[]): Maybe<number> {
    for (let i = 0; i < statements.length; i++) {
      if (this.sys.tick() || this.sys.hasSignal || this.#dueTraps.length > 0) return this.#listFrom(statements, i);
      const status = statements[i]!.background ? this.#listFrom(statements, i) : this.node(statements[i]!.command);
      if (typeof status !== 'number') return statements[i]!.background ? status : this.#listFrom(statements, i, status);
      if (this.#finished(statements[i]!, status)) break;
    }
    return this.state.status;
  }

  /** The rest of a list, from a statement that cannot be done at once. */
  *#listFrom(statements: readonly Statement[], first: number, started?: Call<number>): Call<number> {
    let running = started;
    for (let i = first; i < statements.length; i++) {
      const item = statements[i]!;
      if (!running) {
        if (this.sys.tick()) yield* this.sys.preempt();
        yield* this.#handleSignals();
        if (this.flow) break;
      }
      const result = running ?? (item.background ? backgroundJob(this, item.command) : this.node(item.command));
      running = undefined;
      if (this.#finished(item, typeof result === 'number' ? result : yield* result)) break;
      yield* this.#handleSignals();
      if (this.flow) break;
    }
    return this.state.status;
  }

  #finished({ command }: Statement, status: number): boolean {
    this.state.status = status;
    const isNegated = command.type === 'Pipeline' && command.prefixes.some((prefix) => prefix.type === 'Negation');
    if (command.type === 'Command') this.state.pipeStatus = [status];
    if (status !== 0 && command.type !== 'AndOr' && !isNegated) this.#failed(status);
    return this.flow !== undefined;
  }

  /** A command whose failure nobody has looked at. */
  #failed(status: number): void {
    if (this.#conditionDepth > 0 || this.flow) return;
    const trap = this.traps.get('ERR');
    if (trap !== undefined) this.#dueTraps.push(trap);
    if (this.state.options.errexit) {
      this.state.status = status;
      this.flow = undefined;
      throw new ErrExit();
    }
  }

  node(node: PipelineNode | AndOr): Maybe<number> {
    switch (node.type) {
      case 'Command':
        return this.#simple(node);
      case 'AndOr':
        return this.#andOr(node);
      case 'Pipeline':
        return this.#pipeline(node);
      case 'If':
        return this.#if(node);
      case 'While':
        return this.#while(node);
      case 'For':
        return this.#for(node);
      case 'ArithmeticFor':
        return this.#arithmeticFor(node);
      case 'Case':
        return this.#case(node);
      case 'BraceGroup':
        return this.list(node.body.commands);
      case 'Subshell':
        return spawnSubshell(this, node);
      case 'Redirected':
        return this.#redirected(node);
      case 'ArithmeticCommand':
        return runArithmetic(this, node);
      case 'TestCommand':
        return runTest(this, node);
      case 'Function':
        this.state.functions.set(node.name.value, { body: node.body, text: this.text });
        return 0;
      case 'Select':
      case 'Coproc':
        throw new ExpansionError(`${node.type.toLowerCase()}: not supported by this shell`);
    }
  }

  // Compound commands.

  *#andOr(node: AndOr): Call<number> {
    let status = 0;
    for (const [i, command] of node.commands.entries()) {
      const operator = node.operators[i - 1];
      if ((operator === '&&' && status !== 0) || (operator === '||' && status === 0)) continue;
      const isLast = i === node.commands.length - 1;
      if (!isLast) this.#conditionDepth++;
      const result = this.node(command);
      this.state.status = status = typeof result === 'number' ? result : yield* result;
      if (!isLast) this.#conditionDepth--;
      if (this.flow) break;
      const isNegated = command.type === 'Pipeline' && command.prefixes.length > 0;
      if (isLast && status !== 0 && !isNegated) this.#failed(status);
    }
    return status;
  }

  *#condition(statements: readonly Statement[]): Call<boolean> {
    this.#conditionDepth++;
    const status = this.list(statements);
    const isTrue = (typeof status === 'number' ? status : yield* status) === 0;
    this.#conditionDepth--;
    return isTrue;
  }

  *#if(node: If): Call<number> {
    for (const branch of [node, ...node.elif]) {
      const isTrue = yield* this.#condition(branch.clause.commands);
      if (this.flow) return this.state.status;
      if (isTrue) return yield* this.#body(branch.then.commands);
    }
    return node.else ? yield* this.#body(node.else.commands) : 0;
  }

  *#while(node: While): Call<number> {
    let status = 0;
    this.loopDepth++;
    for (;;) {
      const isTrue = yield* this.#condition(node.clause.commands);
      if (this.flow ? this.#leavesLoop() : isTrue !== (node.kind === 'while')) break;
      status = yield* this.#body(node.body.commands);
      if (this.#leavesLoop()) break;
    }
    this.loopDepth--;
    return status;
  }

  *#for(node: For): Call<number> {
    let status = 0;
    const words = node.wordlist;
    if (words) yield* this.substitute(...words);
    this.loopDepth++;
    for (const value of words ? expandWords(words, this) : this.positional) {
      if (this.state.options.xtrace)
        yield* this.trace(`for ${node.name.value} in ${words ? words.map((word) => word.text).join(' ') : '"$@"'}`);
      this.set(node.name.value, value);
      status = yield* this.#body(node.body.commands);
      if (this.#leavesLoop()) break;
    }
    this.loopDepth--;
    return status;
  }

  *#arithmeticFor(node: ArithmeticFor): Call<number> {
    let status = 0;
    this.loopDepth++;
    const scope = arithmeticScope(this);
    if (node.initialize) evaluate(node.initialize, scope);
    while (!node.test || evaluate(node.test, scope) !== 0) {
      status = yield* this.#body(node.body.commands);
      if (this.#leavesLoop()) break;
      if (node.update) evaluate(node.update, scope);
    }
    this.loopDepth--;
    return status;
  }

  *#case(node: Case): Call<number> {
    yield* this.substitute(node.word);
    const subject = expandText(node.word, this);
    if (this.state.options.xtrace) yield* this.trace(`case ${node.word.text} in`);
    let fallsThrough = false;
    let status = 0;
    for (const item of node.items) {
      if (!fallsThrough && !(yield* this.#matches(item.pattern, subject))) continue;
      status = yield* this.#body(item.body.commands);
      if (this.flow || (item.terminator ?? ';;') === ';;') break;
      fallsThrough = item.terminator === ';&';
    }
    return status;
  }

  *#matches(patterns: readonly Word[], subject: string): Call<boolean> {
    for (const pattern of patterns) {
      yield* this.substitute(pattern);
      if (patternRegExp(expandPattern(pattern, this)).test(subject)) return true;
    }
    return false;
  }

  *#body(statements: readonly Statement[]): Call<number> {
    if (this.sys.tick()) yield* this.sys.preempt();
    const status = this.list(statements);
    return typeof status === 'number' ? status : yield* status;
  }

  /** Whether `flow` ends the loop at hand; takes the level that is meant for it. */
  #leavesLoop(): boolean {
    const { flow } = this;
    if (flow?.kind !== 'break' && flow?.kind !== 'continue') return flow !== undefined;
    this.flow = flow.levels > 1 && this.loopDepth > 1 ? { ...flow, levels: flow.levels - 1 } : undefined;
    return this.flow !== undefined || flow.kind === 'break';
  }

  *#pipeline(node: Pipeline): Call<number> {
    const isNegated = node.prefixes.some((prefix) => prefix.type === 'Negation');
    const startMs = this.sys.nowMs;
    if (isNegated) this.#conditionDepth++;
    const result = node.commands.length === 1 ? this.node(node.commands[0]!) : runPipeline(this, node);
    const status = typeof result === 'number' ? result : yield* result;
    if (isNegated) this.#conditionDepth--;
    if (node.prefixes.some((prefix) => prefix.type === 'Time')) {
      yield* this.sys.print(2, elapsed(this.sys.nowMs - startMs));
    }
    return isNegated ? Number(status === 0) : status;
  }

  // Signals.

  /** Takes in the signals that have arrived; `list` acts on them between two commands. */
  noteSignals(): void {
    for (let signal: Signal | undefined; (signal = this.sys.takeSignal()); ) {
      const trap = this.traps.get(signal);
      if (trap !== undefined) this.#dueTraps.push(trap);
      else if (signal === 'INT') this.flow = { kind: 'interrupt' };
    }
  }

  *#handleSignals(): Call<void> {
    this.noteSignals();
    for (let trap: string | undefined; (trap = this.#dueTraps.shift()) !== undefined; ) {
      const { status } = this.state;
      yield* this.source(trap);
      this.state.status = status;
    }
  }

  // Simple commands.

  #simple(node: Command): Maybe<number> {
    const isTail = this.#isTail;
    this.#isTail = false;
    this.position = node.pos;
    this.end = node.end;
    const command = this.state.shopt.expand_aliases && this.state.aliases.size > 0 ? withAlias(node, this.state.aliases) : node;
    if (command.type !== 'Command') return this.list(command.commands);
    const isPlain =
      command.redirects.length === 0 && command.prefix.length === 0 && substitutionsIn(command).length === 0 && !this.state.options.xtrace;
    if (!isPlain) return this.#elaborate(command, isTail);
    const argv = argvOf(this, command);
    return this.invoke(argv, { isTail });
  }

  /** A command with redirections, assignments, substitutions, or traced. */
  *#elaborate(node: Command, isTail: boolean): Call<number> {
    this.state.status = node.name ? this.state.status : 0;
    yield* this.substitute(node);
    const { outputs } = this;
    const argv = argvOf(this, node);
    if (this.state.options.xtrace) for (const line of traceWords(this, node, argv)) yield* this.trace(line);
    const isPermanent = argv[0] === 'exec' && argv.length === 1;
    if (!(yield* this.#pushRedirects(node.redirects))) return 1;
    const before = new Map<string, Variable | undefined>();
    this.outputs = outputs;
    for (const item of node.prefix) {
      if (item.type !== 'Assignment') continue;
      if (argv.length > 0 && !before.has(item.name)) before.set(item.name, this.state.variables.lookup(item.name));
      assign(this, item);
      if (argv.length > 0) this.state.variables.declare(item.name, { isExported: true });
    }
    const result = this.invoke(argv, { isTail: isTail && this.temporaryFds.length === 0 });
    const status = typeof result === 'number' ? result : yield* result;
    for (const [name, variable] of before) this.state.variables.restore(name, variable);
    if (node.redirects.length > 0) {
      if (isPermanent) this.sys.keepFds();
      else this.sys.popFds();
      this.savedFds--;
    }
    for (const fd of this.temporaryFds.splice(0)) this.sys.fds.close(fd);
    return status;
  }

  /** Runs a command by its words. `skipFunctions` is what `command` asks for. */
  invoke(argv: readonly string[], { isTail = false, skipFunctions = false } = {}): Maybe<number> {
    const name = argv[0];
    if (name === undefined) return this.state.status;
    this.state.lastArgument = argv.at(-1)!;
    const body = skipFunctions ? undefined : this.state.functions.get(name);
    if (body) return this.#call(name, body.body, body.text, argv);
    const builtin = builtins.get(name);
    return builtin ? builtin(this, argv) : this.#external(name, argv, isTail);
  }

  *#call(name: string, body: FunctionNode['body'], text: string, argv: readonly string[]): Call<number> {
    if (this.functionNames.length >= maxFunctionDepth)
      throw new ExpansionError(`${name}: maximum function nesting level exceeded (${maxFunctionDepth})`);
    const outer = {
      positional: this.state.positional,
      locals: this.locals,
      text: this.text,
      names: this.functionNames,
      loopDepth: this.loopDepth,
    };
    this.state.positional = argv.slice(1);
    this.locals = new Map();
    this.text = text;
    this.functionNames = [name, ...outer.names];
    this.loopDepth = 0;
    const result = body.type === 'CompoundList' ? this.list(body.commands) : this.node(body);
    let status = typeof result === 'number' ? result : yield* result;
    if (this.flow?.kind === 'return') {
      status = this.state.status;
      this.flow = undefined;
    }
    for (const [local, value] of this.locals) this.state.variables.restore(local, value);
    this.state.positional = outer.positional;
    this.locals = outer.locals;
    this.text = outer.text;
    this.functionNames = outer.names;
    this.loopDepth = outer.loopDepth;
    return status;
  }

  *#external(name: string, argv: readonly string[], isTail: boolean): Call<number> {
    const found = yield* findCommand(this, name, argv);
    if (typeof found === 'number') return found;
    if (isTail && this.traps.size === 0) this.sys.exec(found.program, found.argv, this.environment());
    yield* roomToFork(this);
    const pid = this.spawn({ ...found, env: this.environment(), ...(this.hasJobControl && { pgid: 'new' }) });
    return yield* foreground(this, [pid]);
  }

  /** Starts a copy of this shell that runs one node and ends. `depth` is 1 for a command substitution. */
  fork(node: PipelineNode | AndOr, options: Pick<SpawnOptions, 'fds' | 'pgid' | 'ignore'>, depth = 0): number {
    const state = copyState(this.state);
    const { text, functionNames, substitutionDepth } = this;
    // What is trapped goes back to its default in the child, except what is ignored.
    const ignored = [...this.traps].filter(([, action]) => action === '');
    const program = (sys: Sys): Call<number> => {
      const child = new Shell(sys, state);
      Object.assign(child, { text, functionNames, isSubshell: true, substitutionDepth: substitutionDepth + depth });
      for (const [signal, action] of ignored) child.traps.set(signal, action);
      return child.main(node);
    };
    return this.spawn({ ...options, program, argv: this.sys.argv });
  }

  /** Starts a child, or fails as bash does when it cannot fork. */
  spawn(options: Parameters<Sys['spawn']>[0]): number {
    try {
      return this.sys.spawn(options);
    } catch (error) {
      options.fds?.closeAll();
      throw error instanceof Errno ? new ExpansionError(`fork: ${error.message}`) : error;
    }
  }

  /** Runs the substitutions that the nodes will need, and keeps their output for expansion. */
  *substitute(...nodes: readonly SyntaxNode[]): Call<void> {
    let outputs: Map<SubstitutionPart, string> | undefined;
    for (const node of nodes) {
      for (const substitution of substitutionsIn(node)) {
        if (!isNeeded(substitution, this)) continue;
        const { part } = substitution;
        const output = part.type === 'ProcessSubstitution' ? substituteProcess(this, part) : yield* capture(this, part.script);
        (outputs ??= new Map()).set(part, output);
      }
    }
    if (outputs) this.outputs = outputs;
  }

  // Redirections.

  *#redirected(node: Redirected): Call<number> {
    yield* this.substitute(...node.redirects);
    if (!(yield* this.#pushRedirects(node.redirects))) return 1;
    const result = this.node(node.command);
    const status = typeof result === 'number' ? result : yield* result;
    this.#popFds();
    return status;
  }

  /** How many tables of descriptors are set aside. */
  savedFds = 0;

  #popFds(): void {
    this.sys.popFds();
    this.savedFds--;
  }

  *#pushRedirects(redirects: readonly Redirection[]): Call<boolean> {
    if (redirects.length === 0) return true;
    const fds = this.sys.fds.clone();
    this.sys.pushFds(fds);
    this.savedFds++;
    for (const redirect of redirects) {
      const target = redirect.type === 'HereDoc' ? undefined : redirect.target;
      try {
        applyRedirection(fds, redirect, this);
      } catch (error) {
        if (!(error instanceof Errno)) throw error;
        this.#popFds();
        const word = target ? (expandWords([target], this)[0] ?? '') : '';
        const message = error.code === 'EEXIST' ? 'cannot overwrite existing file' : error.message;
        yield* this.complain(`${word}: ${message}`);
        return false;
      }
    }
    return true;
  }
}

/** `set -e` met a failure. Unwinds to the shell's own program, which runs the EXIT trap and ends. */
export class ErrExit {}
