/** kubectl create configmap and secret: data from literals, files, directories and env files. */

import type { ByteString } from '../../../../emulator/kernel/index.ts';
import { base64, isErrno, utf8 } from '../../../../emulator/kernel/index.ts';
import { CommandError } from '../../errors.ts';
import type { Invocation } from '../../invocation.ts';

/** Adds a key with its bytes; throws when it is no valid key or is there already. */
type AddKey = (key: string, bytes: ByteString) => void;

/** Reads everything that --from-file, --from-literal and --from-env-file name. */
export function readSources(invocation: Invocation, add: AddKey, whatItIs: string): void {
  const { flags } = invocation;
  if (flags.list('from-env-file').length > 0 && (flags.list('from-file').length > 0 || flags.list('from-literal').length > 0)) {
    throw new CommandError('from-env-file cannot be combined with from-file or from-literal');
  }
  for (const source of flags.list('from-file')) fromFile(invocation, source, add);
  for (const source of flags.list('from-literal')) {
    const equals = source.indexOf('=');
    if (equals < 1) throw new CommandError(`invalid literal source ${source}, expected key=value`);
    add(source.slice(0, equals), utf8(unquoted(source.slice(equals + 1))));
  }
  for (const path of flags.list('from-env-file')) fromEnvFile(invocation, path, add, whatItIs);
}

/** The text's base64, as Secrets hold it. */
export const encode = (bytes: ByteString): string => base64(bytes);

/** Whether bytes are UTF-8; a ConfigMap keeps others in binaryData. */
export function isUtf8(bytes: ByteString): boolean {
  return !/[\x80-\xff]/.test(bytes) || utf8(decodeURIComponentSafe(bytes)) === bytes;
}

function decodeURIComponentSafe(bytes: ByteString): string {
  try {
    return decodeURIComponent(bytes.replace(/[%\x80-\xff]/g, (char) => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`));
  } catch {
    return '';
  }
}

function fromFile(invocation: Invocation, source: string, add: AddKey): void {
  const { fs } = invocation.sys;
  const equals = source.indexOf('=');
  if (equals === 0) throw new CommandError(`key name for file path ${source.slice(1)} missing`);
  if (equals === source.length - 1) throw new CommandError(`file path for key name ${source.slice(0, -1)} missing`);
  if (source.split('=').length > 2) throw new CommandError("key names or file paths cannot contain '='");
  const path = source.slice(equals + 1);
  const key = equals < 0 ? path.slice(path.lastIndexOf('/') + 1) : source.slice(0, equals);
  const absolute = invocation.sys.path(path);
  const inode = fs.find(absolute);
  if (!inode) throw new CommandError(`error reading ${path}: no such file or directory`);
  if (inode.kind !== 'directory') {
    add(key, fs.readFile(absolute));
    return;
  }
  if (equals >= 0) throw new CommandError('cannot give a key name for a directory path');
  for (const name of fs.list(absolute)) {
    if (fs.find(`${absolute}/${name}`, { followLast: false })?.kind === 'file') add(name, fs.readFile(`${absolute}/${name}`));
  }
}

function fromEnvFile(invocation: Invocation, path: string, add: AddKey, whatItIs: string): void {
  let text: string;
  try {
    text = invocation.sys.fs.readFile(invocation.sys.path(path));
  } catch (error) {
    if (isErrno(error, 'EISDIR')) throw new CommandError(`env ${whatItIs} file cannot be a directory`);
    if (!isErrno(error)) throw error;
    throw new CommandError(`error reading ${path}: no such file or directory`);
  }
  for (const line of text.split('\n')) {
    const trimmed = line.trimStart();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const equals = trimmed.indexOf('=');
    if (equals >= 0) add(trimmed.slice(0, equals), trimmed.slice(equals + 1) as ByteString);
    else add(trimmed, utf8(invocation.sys.env.get(trimmed) ?? ''));
  }
}

function unquoted(value: string): string {
  const quoted = value.length >= 2 && (value[0] === '"' || value[0] === "'") && value.at(-1) === value[0];
  return quoted ? value.slice(1, -1) : value;
}
