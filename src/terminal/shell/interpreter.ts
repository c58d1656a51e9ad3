/**
 * A shell on unbash's syntax tree, running inside one process.
 *
 * - `node` returns a status at once where nothing can block, and a generator otherwise (`Maybe`). Loops over
 *   builtins therefore create few generators, and only what may block is written as one.
 * - Leaving a loop, a function or a command line is a value in `flow`, not an exception.
 * - A subshell is a new process with a copy of the state. Nothing ever forks a generator, which cannot be copied.
 */
import type {
  AndOr, ArithmeticFor, Assignment, BraceGroup, Case, Command, CommandNode, For, Function as FunctionNode, If, ParsedScript,
  Pipeline, PipelineNode, Redirected, Redirection, Statement, SyntaxNode, TestExpression, While,
} from 'unbash';
import { Errno, Interrupted, textOf, utf8 } from '../../emulator/kernel/index.ts';
import type { ByteString, Call, Executable, ExitStatus, OpenFile, Signal, SpawnOptions, Sys } from '../../emulator/kernel/index.ts';
import { ArithmeticError, evaluate } from './arithmetic.ts';
import { builtins } from './builtins.ts';
import { ExpansionError, arithmeticScope, expandPattern, expandText, expandWords, isNeeded, substitutionsIn } from './expansion.ts';
import type { Scope, SubstitutionPart } from './expansion.ts';
import { parse } from './parse.ts';
import { glob, patternRegExp } from './pattern.ts';
import { applyRedirection } from './redirection.ts';
import { testBinary, testUnary } from './test-expression.ts';

/** A result now, or a call that may block on the way to it. */
export type Maybe<T> = T | Call<T>;

export type Flow = { kind: 'break' | 'continue'; levels: number } | { kind: 'return' } | { kind: 'interrupt' };

/** What a subshell inherits by copy. */
export interface ShellState {
  readonly variables: Map<string, string>;
  readonly exported: Set<string>;
  readonly functions: Map<string, FunctionNode['body']>;
  positional: readonly string[];
  name: string;
  /** `$$`, which stays the same in a subshell. */
  readonly shellPid: number;
  status: number;
  lastBackground: number | undefined;
  isErrexit: boolean;
}

const maxFunctionDepth = 500;
const noOutputs: ReadonlyMap<SubstitutionPart, string> = new Map();

export class Shell implements Scope {
  readonly sys: Sys;
  readonly state: ShellState;
  readonly traps = new Map<Signal | 'EXIT', string>();
  /** With job control every pipeline is a process group and Ctrl-C does not reach the shell. */
  isInteractive = false;
  flow: Flow | undefined;
  outputs = noOutputs;
  /** Variables to restore when the function at hand returns. */
  locals: Map<string, string | undefined> | undefined;
  readonly #dueTraps: string[] = [];
  #conditionDepth = 0;
  #functionDepth = 0;
  /** The next simple command is the last thing this process does, so it may `exec`. */
  #isTail = false;

  constructor(sys: Sys, state: ShellState) {
    this.sys = sys;
    this.state = state;
  }

  // Scope: what expansion sees. Arrow functions, because expansion passes them on.

  readonly get = (name: string): string | undefined => {
    const { state } = this;
    if (/^[1-9]\d*$/.test(name)) return state.positional[Number(name) - 1];
    if (name === '?') return String(state.status);
    if (name === '#') return String(state.positional.length);
    if (name === '$') return String(state.shellPid);
    if (name === '!') return state.lastBackground?.toString();
    if (name === '0') return state.name;
    return state.variables.get(name);
  };

  readonly set = (name: string, value: string): void => {
    this.state.variables.set(name, value);
  };

  get positional(): readonly string[] {
    return this.state.positional;
  }

  glob(pattern: string): string[] {
    return glob(this.sys.fs, this.sys.cwd, pattern);
  }

  // Running.

  *source(text: string): Call<number> {
    const script = parse(text);
    const error = script.errors?.[0];
    if (!error) return yield* this.script(script);
    const line = text.slice(0, error.pos).split('\n').length;
    yield* this.complain(`line ${line}: syntax error: ${error.message}`);
    return (this.state.status = 2);
  }

  *script(script: ParsedScript): Call<number> {
    try {
      const status = this.list(script.commands);
      return typeof status === 'number' ? status : yield* status;
    } catch (error) {
      if (!(error instanceof ExpansionError || error instanceof ArithmeticError)) throw error;
      yield* this.complain(error.message);
      return (this.state.status = 1);
    }
  }

  /** The whole life of a shell process: a script or one node of a parent's, then the EXIT trap. */
  *main(body: string | PipelineNode | AndOr): Call<number> {
    if (typeof body === 'string') {
      const { commands, errors } = parse(body);
      this.#isTail = !errors && commands.length === 1 && commands[0]!.command.type === 'Command' && !commands[0]!.background;
      yield* this.source(body);
    } else {
      this.#isTail = body.type === 'Command';
      yield* this.script({ ...nowhere, type: 'Script', shebang: undefined, commands: [statement(body)] });
    }
    yield* this.runExitTrap();
    return this.state.status;
  }

  *runExitTrap(): Call<void> {
    const trap = this.traps.get('EXIT');
    this.traps.delete('EXIT');
    if (trap !== undefined) yield* this.source(trap);
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
      const result = running ?? (item.background ? this.#background(item.command) : this.node(item.command));
      running = undefined;
      if (this.#finished(item, typeof result === 'number' ? result : yield* result)) break;
    }
    return this.state.status;
  }

  #finished(item: Statement, status: number): boolean {
    this.state.status = status;
    const { type } = item.command;
    const isChecked = type === 'AndOr' || (type === 'Pipeline' && item.command.prefixes.length > 0);
    if (this.state.isErrexit && status !== 0 && this.#conditionDepth === 0 && !isChecked) this.sys.exit(status);
    return this.flow !== undefined;
  }

  node(node: PipelineNode | AndOr): Maybe<number> {
    switch (node.type) {
      case 'Command': return this.#simple(node);
      case 'AndOr': return this.#andOr(node);
      case 'Pipeline': return this.#pipeline(node);
      case 'If': return this.#if(node);
      case 'While': return this.#while(node);
      case 'For': return this.#for(node);
      case 'ArithmeticFor': return this.#arithmeticFor(node);
      case 'Case': return this.#case(node);
      case 'BraceGroup': return this.list(node.body.commands);
      case 'Subshell': return this.#subshell(node.body.commands);
      case 'Redirected': return this.#redirected(node);
      case 'ArithmeticCommand': return Number(!node.expression || evaluate(node.expression, arithmeticScope(this)) === 0);
      case 'TestCommand': return this.#testCommand(node.expression, node);
      case 'Function':
        this.state.functions.set(node.name.value, node.body);
        return 0;
      case 'Select':
      case 'Coproc':
        throw new ExpansionError(`${node.type.toLowerCase()}: not supported`);
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
    for (;;) {
      const isTrue = yield* this.#condition(node.clause.commands);
      if (this.flow ? this.#leavesLoop() : isTrue !== (node.kind === 'while')) return status;
      status = yield* this.#body(node.body.commands);
      if (this.#leavesLoop()) return status;
    }
  }

  *#for(node: For): Call<number> {
    let status = 0;
    const words = node.wordlist;
    if (words) yield* this.#substitute(node);
    for (const value of words ? expandWords(words, this) : this.positional) {
      this.set(node.name.value, value);
      status = yield* this.#body(node.body.commands);
      if (this.#leavesLoop()) break;
    }
    return status;
  }

  *#arithmeticFor(node: ArithmeticFor): Call<number> {
    let status = 0;
    if (node.initialize) evaluate(node.initialize, arithmeticScope(this));
    while (!node.test || evaluate(node.test, arithmeticScope(this)) !== 0) {
      status = yield* this.#body(node.body.commands);
      if (this.#leavesLoop()) break;
      if (node.update) evaluate(node.update, arithmeticScope(this));
    }
    return status;
  }

  *#case(node: Case): Call<number> {
    yield* this.#substitute(node.word);
    const subject = expandText(node.word, this);
    let fallsThrough = false;
    let status = 0;
    for (const item of node.items) {
      if (!fallsThrough && !item.pattern.some((p) => patternRegExp(expandPattern(p, this)).test(subject))) continue;
      status = yield* this.#body(item.body.commands);
      if (this.flow || (item.terminator ?? ';;') === ';;') break;
      fallsThrough = item.terminator === ';&';
    }
    return status;
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
    this.flow = flow.levels > 1 ? { ...flow, levels: flow.levels - 1 } : undefined;
    return flow.levels > 1 || flow.kind === 'break';
  }

  *#testCommand(expression: TestExpression, node: SyntaxNode): Call<number> {
    yield* this.#substitute(node);
    return Number(!this.#test(expression));
  }

  #test(node: TestExpression): boolean {
    switch (node.type) {
      case 'TestUnary': return testUnary(this.sys, node.operator, expandText(node.operand, this));
      case 'TestNot': return this.#test(node.operand) !== (node.negations.length % 2 === 1);
      case 'TestGroup': return this.#test(node.expression);
      case 'TestLogical': return this.#test(node.operands[0]!) ? node.operator === '||' || node.operands.slice(1).every((o) => this.#test(o)) : node.operator === '||' && node.operands.slice(1).some((o) => this.#test(o));
      case 'TestBinary': {
        const left = expandText(node.left, this);
        if (/^[!=]?=$/.test(node.operator)) return patternRegExp(expandPattern(node.right, this)).test(left) === (node.operator !== '!=');
        return testBinary(left, node.operator, expandText(node.right, this));
      }
    }
  }

  // Processes.

  *#pipeline(node: Pipeline): Call<number> {
    const isNegated = node.prefixes.some((prefix) => prefix.type === 'Negation');
    const startMs = this.sys.nowMs;
    if (isNegated) this.#conditionDepth++;
    const result = node.commands.length === 1 ? this.node(node.commands[0]!) : this.#foreground(this.#start(node));
    const status = typeof result === 'number' ? result : yield* result;
    if (isNegated) this.#conditionDepth--;
    if (node.prefixes.some((prefix) => prefix.type === 'Time')) {
      yield* this.sys.print(2, `real\t${((this.sys.nowMs - startMs) / 1000).toFixed(3)}s\n`);
    }
    return isNegated ? Number(status === 0) : status;
  }

  /** Starts the stages of a pipeline, which all run at once. Returns their pids. */
  #start(node: Pipeline, options: Pick<SpawnOptions, 'ignore'> & { input?: OpenFile } = {}): number[] {
    const pids: number[] = [];
    let { input } = options;
    for (const [i, command] of node.commands.entries()) {
      const fds = this.sys.fds.clone();
      if (input) fds.set(0, input);
      input = undefined;
      const operator = node.operators[i];
      if (operator) {
        const { reader, writer } = this.sys.pipe();
        fds.set(1, writer);
        if (operator === '|&') fds.set(2, writer);
        input = reader;
      }
      pids.push(this.#fork(command, { ...options, fds, ...(this.isInteractive && { pgid: pids[0] ?? 'new' }) }));
    }
    return pids;
  }

  /** Without job control a background job must not compete for the input nor die of Ctrl-C. */
  *#background(command: PipelineNode | AndOr): Call<number> {
    const isPipeline = command.type === 'Pipeline' && command.prefixes.length === 0;
    const stages = isPipeline ? command : ({ ...nowhere, type: 'Pipeline', prefixes: [], commands: [asCommand(command)], operators: [] } as const);
    const pids = this.#start(stages, this.isInteractive ? {} : { input: this.sys.fs.open('/dev/null', 'read'), ignore: ['INT', 'QUIT'] });
    this.state.lastBackground = pids.at(-1);
    if (this.isInteractive) yield* this.sys.print(2, `[${pids[0]}]\n`);
    return 0;
  }

  #subshell(statements: readonly Statement[]): Call<number> {
    return this.#foreground([this.#fork(group(statements), this.isInteractive ? { pgid: 'new' } : {})]);
  }

  /** Starts a copy of this shell that runs one node and ends. */
  #fork(node: PipelineNode | AndOr, options: Pick<SpawnOptions, 'fds' | 'pgid' | 'ignore'>): number {
    const state = {
      ...this.state,
      variables: new Map(this.state.variables),
      exported: new Set(this.state.exported),
      functions: new Map(this.state.functions),
    };
    try {
      return this.sys.spawn({ ...options, program: (sys) => new Shell(sys, state).main(node), argv: [state.name] });
    } catch (error) {
      options.fds?.closeAll();
      throw error instanceof Errno ? new ExpansionError(`fork: ${error.message}`) : error;
    }
  }

  /** Waits for a job with the terminal in its hands. The status is the last process's. */
  *#foreground(pids: readonly number[]): Call<number> {
    if (this.isInteractive) this.sys.setForeground(pids[0]!);
    let status: ExitStatus | undefined;
    for (const pid of pids) status = yield* this.#waitThrough(pid);
    if (this.isInteractive) this.sys.setForeground(this.sys.pgid);
    if (this.isInteractive && status!.signal === 'INT') this.flow = { kind: 'interrupt' };
    return status!.code;
  }

  /** As in bash, a trap waits until the foreground command has ended. */
  *#waitThrough(pid: number): Call<ExitStatus> {
    for (;;) {
      try {
        return yield* this.sys.wait(pid);
      } catch (error) {
        if (!(error instanceof Interrupted)) throw error;
        this.noteSignals();
      }
    }
  }

  /** Takes in the signals that have arrived; `list` acts on them between two commands. */
  noteSignals(): void {
    for (let signal; (signal = this.sys.takeSignal()); ) {
      const trap = this.traps.get(signal);
      if (trap !== undefined) this.#dueTraps.push(trap);
      else if (signal === 'INT') this.flow = { kind: 'interrupt' };
    }
  }

  *#handleSignals(): Call<void> {
    this.noteSignals();
    for (let trap; (trap = this.#dueTraps.shift()) !== undefined; ) {
      const { status } = this.state;
      yield* this.source(trap);
      this.state.status = status;
    }
  }

  // Simple commands.

  #simple(node: Command): Maybe<number> {
    const isTail = this.#isTail;
    this.#isTail = false;
    const isPlain = node.redirects.length === 0 && node.prefix.length === 0 && substitutionsIn(node).length === 0;
    return isPlain ? this.#invoke(this.#argv(node), isTail) : this.#elaborate(node, isTail);
  }

  /** A command with redirections, assignments or command substitutions. */
  *#elaborate(node: Command, isTail: boolean): Call<number> {
    this.state.status = 0;
    yield* this.#substitute(node);
    const argv = this.#argv(node);
    const assignments = node.prefix.filter((item) => item.type === 'Assignment');
    if (!(yield* this.#pushRedirects(node.redirects))) return 1;
    const before = assignments.map(({ name }) => ({ name, value: this.state.variables.get(name), isExported: this.state.exported.has(name) }));
    for (const assignment of assignments) this.#assign(assignment);
    if (argv.length > 0) for (const { name } of before) this.state.exported.add(name);
    const result = this.#invoke(argv, isTail);
    const status = typeof result === 'number' ? result : yield* result;
    if (argv.length > 0) for (const { name, value, isExported } of before) this.#restore(name, value, isExported);
    if (node.redirects.length > 0) this.sys.popFds();
    return status;
  }

  #invoke(argv: readonly string[], isTail: boolean): Maybe<number> {
    const name = argv[0];
    if (name === undefined) return this.state.status;
    const body = this.state.functions.get(name);
    if (body) return this.#call(body, argv);
    const builtin = builtins[name];
    return builtin ? builtin(this, argv) : this.#external(name, argv, isTail);
  }

  *#call(body: FunctionNode['body'], argv: readonly string[]): Call<number> {
    if (this.#functionDepth >= maxFunctionDepth) throw new ExpansionError(`${argv[0]}: maximum function nesting level exceeded`);
    const { positional } = this.state;
    const { locals } = this;
    this.state.positional = argv.slice(1);
    this.locals = new Map();
    this.#functionDepth++;
    const result = body.type === 'CompoundList' ? this.list(body.commands) : this.node(body);
    let status = typeof result === 'number' ? result : yield* result;
    if (this.flow?.kind === 'return') {
      status = this.state.status;
      this.flow = undefined;
    }
    this.#functionDepth--;
    for (const [name, value] of this.locals) this.#restore(name, value, this.state.exported.has(name));
    this.locals = locals;
    this.state.positional = positional;
    return status;
  }

  *#external(name: string, argv: readonly string[], isTail: boolean): Call<number> {
    const found = yield* this.find(name, argv);
    if (typeof found === 'number') return found;
    if (isTail && !this.traps.has('EXIT')) this.sys.exec(found.program, found.argv, this.environment());
    const pid = this.sys.spawn({ ...found, env: this.environment(), ...(this.isInteractive && { pgid: 'new' }) });
    return yield* this.#foreground([pid]);
  }

  /** What an external command runs, or its status when it cannot. A file of text without an interpreter is a script of ours. */
  *find(name: string, argv: readonly string[]): Call<Executable | number> {
    try {
      return this.sys.load(name, argv, this.get('PATH'));
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      if (error.code === 'ENOENT') {
        yield* this.complain(name.includes('/') ? `${name}: ${error.message}` : `${name}: command not found`);
        return 127;
      }
      if (error.code === 'ENOEXEC') return this.sys.load('sh', ['sh', this.sys.which(name, this.get('PATH')) ?? name, ...argv.slice(1)], this.get('PATH'));
      const isDirectory = this.sys.fs.find(this.sys.path(name))?.kind === 'directory';
      yield* this.complain(`${name}: ${isDirectory ? 'Is a directory' : error.message}`);
      return 126;
    }
  }

  environment(): ReadonlyMap<string, string> {
    return new Map([...this.state.exported].map((name) => [name, this.state.variables.get(name) ?? '']));
  }

  #argv(node: Command): string[] {
    const argv = node.name ? expandWords([node.name], this) : [];
    for (const argument of node.args) {
      if (argument.type === 'Word') argv.push(...expandWords([argument], this));
      else argv.push(`${argument.name}=${this.#assigned(argument)}`);
    }
    return argv;
  }

  #assign(assignment: Assignment): void {
    const before = assignment.append ? (this.get(assignment.name) ?? '') : '';
    this.set(assignment.name, before + this.#assigned(assignment));
  }

  #assigned({ value, name, index }: Assignment): string {
    if (value.type === 'ArrayValue' || index) throw new ExpansionError(`${name}: arrays are not supported`);
    return expandText(value, this);
  }

  #restore(name: string, value: string | undefined, isExported: boolean): void {
    if (value === undefined) this.state.variables.delete(name);
    else this.set(name, value);
    if (!isExported) this.state.exported.delete(name);
  }

  /** Runs the command substitutions that the node will need, and keeps their output for expansion. */
  *#substitute(node: SyntaxNode): Call<void> {
    const needed = substitutionsIn(node);
    if (needed.length === 0) return;
    const outputs = new Map<SubstitutionPart, string>();
    for (const substitution of needed) {
      if (isNeeded(substitution, this)) outputs.set(substitution.part, yield* this.#capture(substitution.part.script));
    }
    this.outputs = outputs;
  }

  *#capture(script: ParsedScript | undefined): Call<string> {
    const { reader, writer } = this.sys.pipe();
    const fds = this.sys.fds.clone();
    fds.set(1, writer);
    const commands = script?.commands ?? [];
    const only = commands.length === 1 && !commands[0]!.background ? commands[0]!.command : undefined;
    const pid = this.#fork(only ?? group(commands), { fds });
    const fd = this.sys.fds.add(reader);
    let output = '';
    for (;;) {
      try {
        const data = yield* this.sys.read(fd);
        if (data === '') break;
        output += data;
      } catch (error) {
        if (!(error instanceof Interrupted)) throw error;
        this.noteSignals();
      }
    }
    this.sys.fds.close(fd);
    this.state.status = (yield* this.#waitThrough(pid)).code;
    return textOf(output as ByteString).replace(/\n+$/, '');
  }

  // Redirections.

  *#redirected(node: Redirected): Call<number> {
    for (const redirect of node.redirects) yield* this.#substitute(redirect);
    if (!(yield* this.#pushRedirects(node.redirects))) return 1;
    const result = this.node(node.command);
    const status = typeof result === 'number' ? result : yield* result;
    this.sys.popFds();
    return status;
  }

  *#pushRedirects(redirects: readonly Redirection[]): Call<boolean> {
    if (redirects.length === 0) return true;
    const fds = this.sys.fds.clone();
    this.sys.pushFds(fds);
    for (const redirect of redirects) {
      const target = redirect.type === 'HereDoc' ? undefined : redirect.target;
      try {
        applyRedirection(fds, redirect, this);
      } catch (error) {
        if (!(error instanceof Errno)) throw error;
        this.sys.popFds();
        yield* this.complain(`${target?.value ?? ''}: ${error.message}`);
        return false;
      }
    }
    return true;
  }

  // Output.

  /** Writes to standard output, at once if there is room. */
  print(text: string): Maybe<number> {
    return this.sys.tryWrite(1, utf8(text)) ? 0 : this.#printSlowly(text);
  }

  *#printSlowly(text: string): Call<number> {
    yield* this.sys.print(1, text);
    return 0;
  }

  *complain(message: string): Call<number> {
    yield* this.sys.print(2, `${this.state.name}: ${message}\n`);
    return 1;
  }
}

// Nodes that stand in no source.
const nowhere = { pos: 0, end: 0 } as const;

function statement(command: PipelineNode | AndOr): Statement {
  return { ...nowhere, type: 'Statement', command, background: undefined };
}

function group(commands: readonly Statement[]): BraceGroup {
  return { ...nowhere, type: 'BraceGroup', body: { ...nowhere, type: 'CompoundList', commands } };
}

function asCommand(node: PipelineNode | AndOr): CommandNode {
  return node.type === 'AndOr' || node.type === 'Pipeline' ? group([statement(node)]) : node;
}
