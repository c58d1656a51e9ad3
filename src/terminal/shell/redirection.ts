import type { Redirection } from 'unbash';
import { utf8 } from '../../emulator/kernel/index.ts';
import type { FdTable, OpenFile } from '../../emulator/kernel/index.ts';
import type { Sys } from '../../emulator/kernel/index.ts';
import { expandText, expandWords } from './expansion.ts';
import type { Scope } from './expansion.ts';

/** Changes a table of descriptors as one redirection says. Throws `Errno`. */
export function applyRedirection(fds: FdTable, redirect: Redirection, shell: Scope & { readonly sys: Sys }): void {
  const { sys } = shell;
  const word = redirect.type === 'HereDoc' ? undefined : redirect.target;
  const target = word ? (expandWords([word], shell)[0] ?? '') : '';
  const path = sys.path(target);
  const descriptor = redirect.descriptor?.type === 'FileDescriptor' ? redirect.descriptor.value : undefined;
  switch (redirect.operator) {
    case '<<<': return fds.set(descriptor ?? 0, hereFile(sys, `${target}\n`));
    case '<<':
    case '<<-': {
      const { body, delimiter } = redirect;
      const text = delimiter?.quoted ? body.text : expandText({ value: body.text, parts: body.parts }, shell);
      return fds.set(descriptor ?? 0, hereFile(sys, text));
    }
    case '<':
    case '<>': return fds.set(descriptor ?? 0, sys.openFile(path, 'read'));
    case '>':
    case '>|': return fds.set(descriptor ?? 1, sys.openFile(path, 'write'));
    case '>>': return fds.set(descriptor ?? 1, sys.openFile(path, 'append'));
    case '&>':
    case '&>>':
      fds.set(1, sys.openFile(path, redirect.operator === '&>' ? 'write' : 'append'));
      return fds.set(2, fds.get(1));
    case '<&':
    case '>&':
      if (target === '-') return fds.close(descriptor ?? 1);
      return fds.set(descriptor ?? (redirect.operator === '<&' ? 0 : 1), fds.get(Number(target)));
  }
}

/** Here-documents are unlinked files, as in older shells: a pipe could be too small for them. */
function hereFile(sys: Sys, text: string): OpenFile {
  sys.fs.writeFile('/tmp/.here', utf8(text));
  const file = sys.fs.open('/tmp/.here', 'read');
  sys.fs.remove('/tmp/.here');
  return file;
}
