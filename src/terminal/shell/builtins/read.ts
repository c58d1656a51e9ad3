import { Errno, Interrupted, textOf } from '../../../emulator/kernel/index.ts';
import type { ByteString, Call } from '../../../emulator/kernel/index.ts';
import type { Shell } from '../interpreter.ts';

interface Line {
  readonly text: string;
  readonly isComplete: boolean;
}

interface ReadOptions {
  isRaw: boolean;
  isSilent: boolean;
  prompt: string;
  delimiter: string;
  count: number;
  exact: boolean;
  array: string | undefined;
  timeoutMs: number | undefined;
  fd: number;
}

/** Reads byte by byte: what follows the line is the next program's. */
function* readLine(shell: Shell, { delimiter, count, fd, isRaw, exact }: ReadOptions): Call<Line> {
  let text = '';
  let isEscaped = false;
  for (let taken = 0; taken < count; ) {
    const char = yield* shell.sys.read(fd, 1);
    if (char === '') return { text, isComplete: false };
    if (isEscaped) {
      isEscaped = false;
      if (char !== '\n') text += `\\${char}`;
      taken++;
    } else if (char === '\\' && !isRaw) isEscaped = true;
    else if (char === delimiter && !exact) return { text, isComplete: true };
    else if (char !== '\0') {
      text += char;
      taken++;
    }
  }
  return { text, isComplete: true };
}

export function* read(shell: Shell, [, ...args]: readonly string[]): Call<number> {
  const options: ReadOptions = {
    isRaw: false,
    isSilent: false,
    prompt: '',
    delimiter: '\n',
    count: Number.POSITIVE_INFINITY,
    exact: false,
    array: undefined,
    timeoutMs: undefined,
    fd: 0,
  };
  const names: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (!/^-./.test(arg)) {
      names.push(arg);
      continue;
    }
    for (let k = 1; k < arg.length; k++) {
      const letter = arg[k]!;
      if (letter === 'r') options.isRaw = true;
      else if (letter === 's') options.isSilent = true;
      else if (letter === 'e')
        continue; // Differs from bash: the line editor serves the prompt only; the terminal's own editing is used.
      else if (!'pdnNatui'.includes(letter)) {
        yield* shell.complain(`read: -${letter}: invalid option`);
        yield* shell.sys.print(
          2,
          'read: usage: read [-ers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...]\n',
        );
        return 2;
      } else {
        const value = arg.slice(k + 1) || args[++i];
        if (value === undefined) return yield* shell.complain(`read: -${letter}: option requires an argument`, 2);
        take(options, letter, value);
        break;
      }
    }
  }
  const { tty } = shell.sys;
  const isTty = shell.sys.isatty(options.fd);
  if (options.prompt !== '' && isTty) yield* shell.sys.print(2, options.prompt);
  const modes = tty && { canonical: tty.canonical, echo: tty.echo };
  if (tty && isTty && options.isSilent) tty.echo = false;
  if (tty && isTty && Number.isFinite(options.count)) tty.canonical = false;
  try {
    const line = yield* withTimeout(shell, options);
    if (!line) return 142;
    if (tty && isTty && Number.isFinite(options.count) && !options.isSilent) yield* shell.sys.write(1, line.text as ByteString);
    store(shell, names, options, line.text);
    return Number(!line.isComplete);
  } catch (error) {
    if (error instanceof Errno) return yield* shell.complain(`read: ${options.fd}: invalid file descriptor: ${error.message}`);
    if (!(error instanceof Interrupted)) throw error;
    shell.noteSignals();
    return 130;
  } finally {
    Object.assign(tty ?? {}, modes);
  }
}

function take(options: ReadOptions, letter: string, value: string): void {
  if (letter === 'p') options.prompt = value;
  else if (letter === 'd') options.delimiter = value.slice(0, 1) || '\0';
  else if (letter === 'n' || letter === 'N') {
    options.count = Number(value);
    options.exact = letter === 'N';
  } else if (letter === 'a') options.array = value;
  else if (letter === 't') options.timeoutMs = Number(value) * 1000;
  else if (letter === 'u') options.fd = Number(value);
}

/** Undefined when the time ran out. */
function* withTimeout(shell: Shell, options: ReadOptions): Call<Line | undefined> {
  if (options.timeoutMs === undefined) return yield* readLine(shell, options);
  const file = shell.sys.fds.get(options.fd);
  let isOver = false;
  const timer = shell.sys.kernel.loop.timer(options.timeoutMs, () => {
    isOver = true;
    file.readable.wake();
  });
  let text = '';
  while (!isOver) {
    const char = file.read(1);
    if (char === undefined) yield* shell.sys.block(file.readable, 'read');
    else if (char === '' || char === options.delimiter) {
      timer.cancel();
      return { text, isComplete: char !== '' };
    } else text += char;
  }
  return undefined;
}

function store(shell: Shell, names: readonly string[], options: ReadOptions, bytes: string): void {
  const text = textOf(bytes as ByteString);
  const withoutEscapes = (part: string): string => (options.isRaw ? part : part.replace(/\\([\s\S])/g, '$1'));
  const ifs = shell.get('IFS') ?? ' \t\n';
  if (options.array !== undefined) {
    shell.state.variables.setElements(
      options.array,
      new Map(split(text, ifs, Number.POSITIVE_INFINITY).map((part, i) => [String(i), withoutEscapes(part)])),
    );
    return;
  }
  if (names.length === 0) return shell.set('REPLY', withoutEscapes(text));
  const parts = options.exact ? [text] : split(text, ifs, names.length);
  for (const [i, name] of names.entries()) shell.set(name, withoutEscapes(parts[i] ?? ''));
}

/** Splits at IFS into at most `limit` parts; the last keeps the rest. */
function split(text: string, ifs: string, limit: number): string[] {
  const isSpace = (char: string | undefined): boolean => char !== undefined && ' \t\n'.includes(char) && ifs.includes(char);
  const isSeparator = (char: string | undefined): boolean => char !== undefined && ifs.includes(char);
  const parts: string[] = [];
  let i = 0;
  while (isSpace(text[i])) i++;
  while (i < text.length) {
    if (parts.length === limit - 1) {
      let end = text.length;
      while (end > i && isSpace(text[end - 1])) end--;
      // One separator at the very end does not count when nothing else follows.
      const rest = text.slice(i, end);
      parts.push(isSeparator(rest.at(-1)) && [...rest].filter((char) => isSeparator(char)).length === 1 ? rest.slice(0, -1) : rest);
      return parts;
    }
    let part = '';
    while (i < text.length && !isSeparator(text[i])) {
      if (text[i] === '\\' && i + 1 < text.length) part += text[i++];
      part += text[i++];
    }
    parts.push(part);
    while (isSpace(text[i])) i++;
    if (isSeparator(text[i]) && !isSpace(text[i])) i++;
    while (isSpace(text[i])) i++;
  }
  return parts;
}

export function* mapfile(shell: Shell, [, ...args]: readonly string[]): Call<number> {
  const trims = args.includes('-t');
  const name = args.find((arg) => !arg.startsWith('-')) ?? 'MAPFILE';
  const unknown = args.find((arg) => arg.startsWith('-') && arg !== '-t');
  if (unknown) return yield* shell.complain(`mapfile: ${unknown}: invalid option`, 2);
  let text = '';
  for (let data: ByteString; (data = yield* shell.sys.read(0)) !== ''; ) text += data;
  const lines = textOf(text as ByteString).match(/[^\n]*\n|[^\n]+$/g) ?? [];
  shell.state.variables.setElements(name, new Map(lines.map((line, i) => [String(i), trims ? line.replace(/\n$/, '') : line])));
  return 0;
}
