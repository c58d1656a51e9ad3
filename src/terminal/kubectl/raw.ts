/** --raw: a request as it is, to a path of the server. Upstream: kubectl/pkg/rawhttp/raw.go. */
import type { ByteString, Call } from '../../emulator/kernel/index.ts';
import { utf8 } from '../../emulator/kernel/index.ts';
import { CommandError } from './errors.ts';
import type { Flag } from './flag-set.ts';
import { flag } from './flag-set.ts';
import type { Invocation } from './invocation.ts';

export const rawFlag = (word: string): Flag => flag('raw', 'string', '', `A path of the server to ${word} as it is.`);

/** Sends what -f names (one file or standard input, if any) and prints the answer. */
export function* sendRaw(invocation: Invocation, method: 'GET' | 'POST' | 'PUT' | 'DELETE', filename?: string): Call<number> {
  const raw = invocation.flags.string('raw');
  const [path, query = ''] = raw.split('?') as [string, string | undefined];
  const pairs = query.split('&').filter((pair) => pair !== '');
  const body: ByteString | undefined = filename === undefined ? undefined : utf8(yield* invocation.readFile(filename));
  yield* invocation.out(
    yield* invocation.client.text({
      method,
      path,
      query: Object.fromEntries(pairs.map(nameAndValue)),
      ...(body !== undefined && { body }),
    }),
  );
  return 0;
}

function nameAndValue(pair: string): readonly [string, string] {
  const [name, ...value] = pair.split('=') as [string, ...string[]];
  return [decodeURIComponent(name), decodeURIComponent(value.join('='))];
}

/** What --raw cannot stand beside. */
export function checkRaw(invocation: Invocation, options: { readonly needsFile: boolean }): void {
  const { flags } = invocation;
  const raw = flags.string('raw');
  if (raw === '') return;
  const files = flags.list('filename');
  if (options.needsFile ? files.length !== 1 : files.length > 1) throw new CommandError('--raw can only use a single local file or stdin');
  if (/^https?:\/\//.test(files[0] ?? '')) throw new CommandError('--raw cannot read from a url');
  if (flags.bool('recursive')) throw new CommandError('--raw and --recursive are mutually exclusive');
  if (flags.string('selector') !== '') throw new CommandError('--raw and --selector (-l) are mutually exclusive');
  if (flags.string('output') !== '') throw new CommandError('--raw and --output are mutually exclusive');
  if (!raw.startsWith('/') && !/^\w+:\/\//.test(raw))
    throw new CommandError(`--raw must be a valid URL path: parse ${JSON.stringify(raw)}: invalid URI for request`);
}
