import type { Redirection } from 'unbash';
import { Errno, OpenFile, utf8 } from '../../emulator/kernel/index.ts';
import type { ByteString, FdTable, OpenMode, Sys } from '../../emulator/kernel/index.ts';
import { ExpansionError } from './scope.ts';
import { expandText } from './expansion.ts';
import { expandWords } from './words.ts';
import type { Scope } from './scope.ts';
import type { ShellState } from './state.ts';

/** A backslash in a here-document saves what would be expanded, and joins lines. */
function withoutEscapes(text: string): string {
  return text.replace(/\\([$`\\\n])/g, (_, next: string) => (next === '\n' ? '' : next));
}

/** A here-document: read from its beginning, once. */
class HereDocument extends OpenFile {
  #rest: ByteString;

  constructor(text: string) {
    super();
    this.#rest = utf8(text);
  }

  override read(max: number): ByteString {
    const data = this.#rest.slice(0, max) as ByteString;
    this.#rest = this.#rest.slice(max) as ByteString;
    return data;
  }

  override write(): number {
    throw new Errno('EBADF');
  }
}

/** Changes a table of descriptors as one redirection says. Throws `Errno`; EEXIST when `set -C` protects the file. */
export function applyRedirection(
  fds: FdTable,
  redirect: Redirection,
  shell: Scope & { readonly sys: Sys; readonly state: ShellState },
): void {
  const { sys } = shell;
  const named = redirect.descriptor?.type === 'FileDescriptorVariable' ? redirect.descriptor.name : undefined;
  const descriptor =
    redirect.descriptor?.type === 'FileDescriptor' ? redirect.descriptor.value : named === undefined ? undefined : freeFd(fds);
  if (named !== undefined) shell.set(named, String(descriptor));
  if (redirect.type === 'HereDoc') {
    const { body, delimiter } = redirect;
    const isIndented = redirect.operator === '<<-';
    const whole = isIndented ? withoutTabs(body.text, true) : body.text;
    if (delimiter?.quoted) return fds.set(descriptor ?? 0, new HereDocument(whole));
    const literal = (text: string, isFirst: boolean): string => withoutEscapes(isIndented ? withoutTabs(text, isFirst) : text);
    const parts = body.parts?.map((part, i) => (part.type === 'Literal' ? { ...part, value: literal(part.text, i === 0) } : part));
    const text = expandText({ value: withoutEscapes(whole), parts, text: '' }, shell);
    return fds.set(descriptor ?? 0, new HereDocument(text));
  }
  if (redirect.type === 'HereString')
    return fds.set(descriptor ?? 0, new HereDocument(`${redirect.target ? expandText(redirect.target, shell) : ''}\n`));
  const words = redirect.target ? expandWords([redirect.target], shell) : [];
  if (words.length !== 1) throw new ExpansionError(`${redirect.target?.text ?? ''}: ambiguous redirect`);
  const target = words[0]!;
  const open = (mode: OpenMode): OpenFile => sys.openFile(target, mode);
  switch (redirect.operator) {
    case '<':
      return fds.set(descriptor ?? 0, open('read'));
    case '<>':
      return fds.set(descriptor ?? 0, open('read-write'));
    case '>':
      if (shell.state.options.noclobber && sys.fs.find(sys.path(target))?.kind === 'file') throw new Errno('EEXIST');
      return fds.set(descriptor ?? 1, open('write'));
    case '>|':
      return fds.set(descriptor ?? 1, open('write'));
    case '>>':
      return fds.set(descriptor ?? 1, open('append'));
    case '&>':
    case '&>>':
      return both(fds, open(redirect.operator === '&>' ? 'write' : 'append'));
    case '<&':
    case '>&': {
      const fd = descriptor ?? (redirect.operator === '<&' ? 0 : 1);
      if (target === '-') return fds.close(fd);
      const moved = /^(\d+)(-?)$/.exec(target);
      if (!moved && redirect.operator === '>&' && descriptor === undefined) return both(fds, open('write'));
      if (!moved) throw new ExpansionError(`${target}: ambiguous redirect`);
      fds.set(fd, fds.get(Number(moved[1])));
      if (moved[2]) fds.close(Number(moved[1]));
    }
  }
}

/** `<<-`: tabs that begin a line do not count. */
function withoutTabs(text: string, isLineStart: boolean): string {
  return (isLineStart ? text.replace(/^\t+/, '') : text).replace(/\n\t+/g, '\n');
}

function both(fds: FdTable, file: OpenFile): void {
  fds.set(1, file);
  fds.set(2, file);
}

/** The first descriptor that `{name}>file` may take. */
function freeFd(fds: FdTable): number {
  let fd = 10;
  while (fds.has(fd)) fd++;
  return fd;
}
