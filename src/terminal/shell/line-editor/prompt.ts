import { expandText } from '../expansion.ts';
import { formatDate } from '../date-format.ts';
import type { Call } from '../../../emulator/kernel/index.ts';
import type { Shell } from '../interpreter.ts';
import { parse } from '../parse.ts';

function directory(shell: Shell): string {
  const home = shell.get('HOME') ?? '/root';
  const { cwd } = shell.sys;
  return cwd === home ? '~' : cwd.startsWith(`${home}/`) ? `~${cwd.slice(home.length)}` : cwd;
}

function expandEscape(shell: Shell, code: string): string {
  const { sys } = shell;
  const unix = sys.kernel.clock.unixMs;
  switch (code[0]) {
    case 'u':
      return shell.get('USER') ?? 'root';
    case 'h':
      return sys.hostname.split('.')[0]!;
    case 'H':
      return sys.hostname;
    case 'w':
      return directory(shell);
    case 'W':
      return directory(shell) === '~' ? '~' : sys.cwd.split('/').at(-1) || '/';
    case '$':
      return '#';
    case 's':
      return shell.state.name.replace(/^-/, '').split('/').at(-1)!;
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 'e':
      return '\x1b';
    case 'a':
      return '\x07';
    case '[':
      return '\x01';
    case ']':
      return '\x02';
    case '\\':
      return '\\';
    case 't':
      return formatDate(unix, '%H:%M:%S');
    case 'A':
      return formatDate(unix, '%H:%M');
    case 'T':
      return formatDate(unix, '%I:%M:%S');
    case '@':
      return formatDate(unix, '%I:%M %p');
    case 'd':
      return formatDate(unix, '%a %b %d');
    case 'D':
      return formatDate(unix, code.slice(2, -1) || '%H:%M:%S');
    case 'j':
      return String(shell.jobs.all.length);
    case '!':
    case '#':
      return String(shell.history.length + 1);
    case 'v':
    case 'V':
      return '5.2';
    default:
      return /^[0-7]{3}/.test(code) ? String.fromCharCode(Number.parseInt(code, 8)) : `\\${code}`;
  }
}

/** PS1 or PS2 with its escapes and expansions carried out. */
export function* promptText(shell: Shell, value: string): Call<string> {
  const decoded = value.replace(/\\([0-7]{3}|D\{[^}]*\}|[\s\S])/g, (_, code: string) => expandEscape(shell, code));
  if (!/[$`]/.test(decoded)) return decoded;
  // Expanded as if it stood in double quotes; the root's own `$` has become a `#` above.
  const command = parse(`: "${decoded.replace(/"/g, '\\"')}"`).commands[0]?.command;
  const word = command?.type === 'Command' ? command.args[0] : undefined;
  if (word?.type !== 'Word') return decoded;
  const { status } = shell.state;
  yield* shell.substitute(word);
  const text = expandText(word, shell);
  shell.state.status = status;
  return text;
}

/** What an interactive shell sets PS1 to when nothing else has: Debian's for bash, busybox's for sh. */
export function defaultPrompt(shell: Shell): string {
  if (!shell.state.name.endsWith('bash')) return shell.sys.fs.find('/bin/busybox') ? '\\w \\$ ' : '\\$ ';
  const colored = '\\[\\e[01;32m\\]\\u@\\h\\[\\e[00m\\]:\\[\\e[01;34m\\]\\w\\[\\e[00m\\]\\$ ';
  return shell.isLogin ? colored : '\\u@\\h:\\w\\$ ';
}
