/** The editor of this terminal on a file, until what was saved is taken or given up. Upstream: kubectl/pkg/cmd/util/editor. */
import type { Call } from '../../../emulator/kernel/index.ts';
import { textOf, utf8 } from '../../../emulator/kernel/index.ts';
import { CommandError, Quit } from '../errors.ts';
import type { Invocation } from '../invocation.ts';

const banner = `# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file will be
# reopened with the relevant failures.
#
`;

/** Why what was saved could not be taken. */
export interface EditFailure {
  /** Lines of comment for the top of the file. */
  readonly comment: string;
  /** For stderr. */
  readonly text: string;
}

/** Opens the editor on a text and hands what was saved to `save`, again and again until that has nothing to complain of. */
export function* editText(
  invocation: Invocation,
  initial: string,
  extension: 'json' | 'yaml',
  save: (text: string) => Call<EditFailure | undefined>,
): Call<void> {
  const { sys, flags } = invocation;
  const path = `/tmp/kubectl-edit-${sys.kernel.random.below(4_294_967_295)}.${extension}`;
  const cancel = function* (message: string): Call<void> {
    sys.fs.remove(path);
    yield* invocation.err(`${message}\n`);
  };
  let body = initial;
  let reasons = '';
  for (let last: string | undefined; ; last = body) {
    const written = `${banner}${reasons}${body}`;
    const edited = yield* openEditor(invocation, path, flags.bool('windows-line-endings') ? written.replaceAll('\n', '\r\n') : written);
    const stripped = edited
      .replaceAll('\r\n', '\n')
      .split('\n')
      .filter((line) => !line.startsWith('#'))
      .join('\n');
    if (last !== undefined && stripped === last) {
      yield* invocation.err('error: Edit cancelled, no valid changes were saved.\n');
      yield* invocation.err(`A copy of your changes has been stored to ${JSON.stringify(path)}\n`);
      throw new Quit(1);
    }
    if (stripped.trim() === '') return yield* cancel('Edit cancelled, saved file was empty.');
    if (last === undefined && stripped.trimEnd() === initial.trimEnd()) return yield* cancel('Edit cancelled, no changes made.');
    body = stripped;
    const failure = yield* save(stripped);
    if (failure === undefined) {
      sys.fs.remove(path);
      return;
    }
    reasons = failure.comment;
    if (failure.text !== '') yield* invocation.err(failure.text);
  }
}

export function editComment(text: string): string {
  return `${text
    .split('\n')
    .map((line) => `# ${line}\n`)
    .join('')}#\n`;
}

/** Writes the file, runs the editor on it in this terminal, and reads it back. */
function* openEditor({ sys }: Invocation, path: string, text: string): Call<string> {
  const [name, ...options] = (sys.env.get('KUBE_EDITOR') || sys.env.get('EDITOR') || 'vi').trim().split(/\s+/) as [string, ...string[]];
  sys.fs.writeFile(path, utf8(text), 0o600);
  const found = sys.which(name);
  const inode = found === undefined ? undefined : sys.fs.find(found);
  const program = inode?.kind === 'file' ? inode.program : undefined;
  if (!program)
    throw new CommandError(
      `unable to launch the editor ${JSON.stringify(name)}: exec: ${JSON.stringify(name)}: executable file not found in $PATH`,
    );
  const pid = sys.spawn({ program, argv: [name, ...options, path] });
  const status = yield* sys.wait(pid);
  if (status.code !== 0) throw new CommandError(`there was a problem with the editor ${JSON.stringify(name)}`);
  return textOf(sys.fs.readFile(path));
}
