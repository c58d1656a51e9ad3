/** sed: addresses and ranges, and the commands s y p d D a i c n N q Q = g G h H x l w r b t T { } : */
import { Errno, utf8 } from '../../../emulator/kernel/index.ts';
import type { Call, Program, Sys } from '../../../emulator/kernel/index.ts';
import { SedError, parseScript } from './sed-script.ts';
import type { Address, Command } from './sed-script.ts';
import { complain, readText } from './tool.ts';

interface Settings {
  isQuiet: boolean;
  isExtended: boolean;
  inPlace: string | undefined;
  separate: boolean;
}

interface Input {
  readonly path: string;
  readonly lines: readonly string[];
  readonly endsWithNewline: boolean;
}

/** Commands run for one line before the rest of the machine gets its turn. */
const maxSteps = 1_000_000;

class Machine {
  readonly #sys: Sys;
  readonly #commands: readonly Command[];
  readonly #settings: Settings;
  readonly #inputs: readonly Input[];
  readonly #labels: ReadonlyMap<string, number>;
  readonly #active = new Map<Command, number>();
  #input = 0;
  #at = 0;
  #lineNumber = 0;
  #pattern = '';
  #hold = '';
  #out = '';
  #appended: string[] = [];
  #steps = 0;
  exitCode: number | undefined;

  constructor(sys: Sys, commands: readonly Command[], settings: Settings, inputs: readonly Input[]) {
    this.#sys = sys;
    this.#commands = commands;
    this.#settings = settings;
    this.#inputs = inputs;
    this.#labels = new Map(commands.flatMap((command, i) => (command.name === ':' ? [[command.text, i] as const] : [])));
  }

  #next(): string | undefined {
    while (this.#input < this.#inputs.length) {
      const input = this.#inputs[this.#input]!;
      if (this.#at < input.lines.length) {
        this.#lineNumber++;
        return input.lines[this.#at++];
      }
      this.#input++;
      this.#at = 0;
    }
    return undefined;
  }

  get #isLast(): boolean {
    return (
      this.#at >= this.#inputs[this.#input]!.lines.length && this.#inputs.slice(this.#input + 1).every((input) => input.lines.length === 0)
    );
  }

  *run(write: (text: string) => Call<void>): Call<void> {
    for (let line = this.#next(); line !== undefined; line = this.#next()) {
      this.#pattern = line;
      const goesOn = yield* this.#cycle();
      if (this.#out !== '') yield* write(this.#out);
      this.#out = '';
      if (!goesOn) return;
      if (this.#sys.tick()) yield* this.#sys.preempt();
    }
  }

  #emit(text: string): void {
    const input = this.#inputs[this.#input];
    const isCut = input && !input.endsWithNewline && this.#isLast && this.#appended.length === 0;
    this.#out += isCut ? text : `${text}\n`;
  }

  #flush(): void {
    if (this.#appended.length > 0 && this.#out !== '' && !this.#out.endsWith('\n')) this.#out += '\n';
    for (const text of this.#appended.splice(0)) this.#out += text.endsWith('\n') || text === '' ? text : `${text}\n`;
  }

  /** False when the script is to end. */
  *#cycle(): Call<boolean> {
    let restarts = true;
    while (restarts) {
      restarts = false;
      let substituted = false;
      for (let i = 0; i < this.#commands.length; i++) {
        if (++this.#steps > maxSteps) {
          this.#steps = 0;
          yield* this.#sys.preempt();
        }
        const command = this.#commands[i]!;
        if (!this.#matches(command)) {
          if (command.name === '{') i = command.end!;
          continue;
        }
        switch (command.name) {
          case 'd':
            this.#flush();
            return true;
          case 'D': {
            const newline = this.#pattern.indexOf('\n');
            this.#flush();
            if (newline < 0) return true;
            this.#pattern = this.#pattern.slice(newline + 1);
            restarts = true;
            i = this.#commands.length;
            break;
          }
          case 's':
            if (yield* this.#substitute(command)) substituted = true;
            break;
          case 'b':
          case 't':
          case 'T': {
            const goes = command.name === 'b' || substituted === (command.name === 't');
            if (command.name !== 'b') substituted = false;
            if (goes) i = command.text === '' ? this.#commands.length : this.#labels.get(command.text)!;
            break;
          }
          case 'q':
            if (!this.#settings.isQuiet) this.#emit(this.#pattern);
            this.#flush();
            this.exitCode = command.number ?? 0;
            return false;
          case 'Q':
            this.exitCode = command.number ?? 0;
            return false;
          case 'n':
          case 'N': {
            if (this.#isLast) {
              if (!this.#settings.isQuiet) this.#emit(this.#pattern);
              this.#flush();
              return false;
            }
            if (command.name === 'n' && !this.#settings.isQuiet) this.#emit(this.#pattern);
            this.#flush();
            const line = this.#next()!;
            this.#pattern = command.name === 'n' ? line : `${this.#pattern}\n${line}`;
            break;
          }
          default:
            this.#simple(command);
        }
        if (command.name === 'c') return true;
      }
    }
    if (!this.#settings.isQuiet) this.#emit(this.#pattern);
    this.#flush();
    return true;
  }

  #simple(command: Command): void {
    switch (command.name) {
      case 'p':
        return this.#emitLine(this.#pattern);
      case 'P':
        return this.#emitLine(this.#pattern.split('\n')[0]!);
      case '=':
        return this.#emitLine(String(this.#lineNumber));
      case 'l':
        return this.#emitLine(`${this.#pattern.replace(/\\/g, '\\\\').replace(/\t/g, '\\t').replace(/\n/g, '\\n')}$`);
      case 'a':
        return void this.#appended.push(`${command.text}\n`);
      case 'i':
        return this.#emitLine(command.text);
      case 'c':
        if (!command.to || !this.#active.has(command)) this.#emitLine(command.text);
        return;
      case 'y':
        return void (this.#pattern = [...this.#pattern].map((char) => command.map!.get(char) ?? char).join(''));
      case 'h':
        return void (this.#hold = this.#pattern);
      case 'H':
        return void (this.#hold += `\n${this.#pattern}`);
      case 'g':
        return void (this.#pattern = this.#hold);
      case 'G':
        return void (this.#pattern += `\n${this.#hold}`);
      case 'x':
        return void ([this.#pattern, this.#hold] = [this.#hold, this.#pattern]);
      case 'r': {
        const inode = this.#sys.fs.find(this.#sys.path(command.text));
        if (inode?.kind === 'file') this.#appended.push(inode.data);
        return;
      }
      case 'w':
        return this.#append(command.text, `${this.#pattern}\n`);
    }
  }

  #emitLine(text: string): void {
    this.#out += `${text}\n`;
  }

  #append(path: string, text: string): void {
    if (path === '/dev/stdout') this.#out += text;
    else this.#sys.fs.open(this.#sys.path(path), 'append').write(utf8(text));
  }

  *#substitute(command: Command): Call<boolean> {
    const { regExp, replacement, flags } = command;
    let count = 0;
    let changed = false;
    const wanted = flags!.number ?? 1;
    regExp!.lastIndex = 0;
    this.#pattern = this.#pattern.replace(regExp!, (...args) => {
      count++;
      if (count < wanted || (count > wanted && !flags!.isGlobal)) return args[0] as string;
      changed = true;
      return replacement!(args as (string | undefined)[]);
    });
    if (!changed) return false;
    if (flags!.prints) this.#emitLine(this.#pattern);
    if (flags!.file !== undefined) this.#append(flags!.file, `${this.#pattern}\n`);
    return true;
  }

  #matches(command: Command): boolean {
    const { from, to, isNegated } = command;
    if (!from) return !isNegated;
    if (!to) return this.#isAt(from) !== isNegated;
    const until = this.#active.get(command);
    let inside = until !== undefined;
    if (inside) {
      // A range that ends at a line that has passed ends here.
      if (until! >= 0 ? this.#lineNumber >= until! : this.#isAt(to)) this.#active.delete(command);
      if (until! >= 0 && this.#lineNumber > until!) inside = this.#isAt(from);
    } else if (this.#isAt(from)) {
      inside = true;
      const end =
        to.type === 'line'
          ? to.line
          : to.type === 'plus'
            ? this.#lineNumber + to.line
            : to.type === 'multiple'
              ? Math.ceil(this.#lineNumber / to.line) * to.line
              : -1;
      if (end < 0 || end > this.#lineNumber) this.#active.set(command, end);
    }
    return inside !== isNegated;
  }

  #isAt(address: Address): boolean {
    switch (address.type) {
      case 'line':
        return this.#lineNumber === address.line;
      case 'last':
        return this.#isLast;
      case 'step':
        return address.step === 0
          ? this.#lineNumber === address.line
          : this.#lineNumber >= address.line && (this.#lineNumber - address.line) % address.step === 0;
      case 'regexp': {
        address.regExp.lastIndex = 0;
        return address.regExp.test(this.#pattern);
      }
      case 'plus':
      case 'multiple':
        return false;
    }
  }
}

export const sed: Program = function* (sys) {
  const settings: Settings = { isQuiet: false, isExtended: false, inPlace: undefined, separate: false };
  const scripts: string[] = [];
  const operands: string[] = [];
  const args = sys.argv.slice(1);
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '-n' || arg === '--quiet' || arg === '--silent') settings.isQuiet = true;
    else if (arg === '-E' || arg === '-r' || arg === '--regexp-extended') settings.isExtended = true;
    else if (arg === '-s' || arg === '--separate') settings.separate = true;
    else if (arg === '-u' || arg === '--unbuffered' || arg === '--posix') continue;
    else if (/^-i|^--in-place/.test(arg)) settings.inPlace = arg.replace(/^-i|^--in-place=?/, '');
    else if (arg === '-e' || arg === '--expression') scripts.push(args[++i] ?? '');
    else if (arg.startsWith('--expression=')) scripts.push(arg.slice(13));
    else if (arg === '-f' || arg === '--file') scripts.push(yield* readText(sys, args[++i] ?? ''));
    else if (/^-[nErsu]+[ei]?$/.test(arg)) args.splice(i + 1, 0, ...[...arg.slice(1)].map((letter) => `-${letter}`));
    else if (/^-./.test(arg)) {
      yield* sys.print(
        2,
        `sed: ${arg.startsWith('--') ? `unrecognized option '${arg}'` : `invalid option -- '${arg[1]}'`}\nUsage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...\n`,
      );
      return 1;
    } else operands.push(arg);
  }
  if (scripts.length === 0) {
    const script = operands.shift();
    if (script === undefined) {
      yield* sys.print(2, 'Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...\n');
      return 1;
    }
    scripts.push(script);
  }
  let commands: Command[];
  try {
    commands = parseScript(scripts.join('\n'), settings.isExtended);
  } catch (error) {
    if (error instanceof SyntaxError) return yield* complain(sys, `-e expression #1, char ${scripts[0]!.length}: ${error.message}`);
    if (!(error instanceof SedError)) throw error;
    return yield* complain(sys, `-e expression #1, char ${error.position}: ${error.message}`);
  }
  return yield* edit(sys, commands, settings, operands);
};

function* edit(sys: Sys, commands: readonly Command[], settings: Settings, paths: readonly string[]): Call<number> {
  let status = 0;
  const inputs: Input[] = [];
  for (const path of paths.length > 0 ? paths : ['-']) {
    try {
      const text = yield* readText(sys, path);
      const lines = text.split('\n');
      const endsWithNewline = lines.at(-1) === '';
      if (endsWithNewline) lines.pop();
      inputs.push({ path, lines, endsWithNewline });
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      yield* complain(
        sys,
        error.code === 'EISDIR'
          ? settings.inPlace === undefined
            ? `read error on ${path}: Is a directory`
            : `couldn't edit ${path}: not a regular file`
          : `can't read ${path}: ${error.message}`,
      );
      status = 2;
    }
  }
  const groups = settings.inPlace !== undefined || settings.separate ? inputs.map((input) => [input]) : [inputs];
  for (const group of groups) {
    const machine = new Machine(sys, commands, settings, group);
    let edited = '';
    const collect = function* (text: string): Call<void> {
      edited += text;
    };
    const write = (text: string): Call<void> => sys.print(1, text);
    if (group.length > 0) yield* machine.run(settings.inPlace === undefined ? write : collect);
    const input = group[0];
    if (settings.inPlace !== undefined && input) {
      const path = sys.path(input.path);
      if (settings.inPlace !== '')
        sys.fs.writeFile(
          settings.inPlace.includes('*') ? settings.inPlace.replaceAll('*', path) : path + settings.inPlace,
          sys.fs.readFile(path),
        );
      sys.fs.writeFile(path, utf8(edited));
    }
    if (machine.exitCode !== undefined) return machine.exitCode;
  }
  return status;
}
