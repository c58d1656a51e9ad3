/** `-w simple`: what people read. Upstream: etcdctl/ctlv3/command/printer_simple.go, util.go (printKV). */
import { utf8 } from '../../../emulator/kernel/index.ts';
import type { Message } from './messages.ts';

export interface Style {
  readonly isHex: boolean;
  readonly isValueOnly: boolean;
}

const hex = (bytes: string): string => [...bytes].map((byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`).join('');
const list = (value: Message[string]): readonly Message[] => (value ?? []) as readonly Message[];
const count = (value: Message[string]): string => String(value ?? 0);

function kv({ isHex, isValueOnly }: Style, { key, value }: Message): string {
  const show = (bytes: Message[string]): string => (isHex ? hex(bytes as string) : (bytes as string));
  return `${isValueOnly ? '' : `${show(key)}\n`}${show(value)}\n`;
}

const kvs = (style: Style, all: Message[string]): string =>
  list(all)
    .map((one) => kv(style, one))
    .join('');

/** By the name of the message's schema; what is printed are bytes. */
export const simplePrinters: Readonly<Record<string, (style: Style, message: Message) => string>> = {
  range: (style, message) => kvs(style, message.kvs),
  put: (style, { prev_kv: before }) => `OK\n${before ? kv(style, before as Message) : ''}`,
  delete: (style, { deleted, prev_kvs: before }) => `${count(deleted)}\n${kvs(style, before)}`,
  txn: (style, { succeeded, responses }) => {
    const parts = list(responses).map(({ response_range: found, response_put: stored, response_delete_range: gone }) => {
      if (found) return simplePrinters.range!(style, found as Message);
      return stored ? simplePrinters.put!(style, stored as Message) : simplePrinters.delete!(style, gone as Message);
    });
    return `${succeeded ? 'SUCCESS' : 'FAILURE'}\n${parts.map((part) => `\n${part}`).join('')}`;
  },
  watch: (style, { events }) =>
    list(events)
      .map(
        ({ type, kv: now, prev_kv: before }) =>
          `${type === 1 ? 'DELETE' : 'PUT'}\n${before ? kv(style, before as Message) : ''}${kv(style, now as Message)}`,
      )
      .join(''),
  alarm: (_, { alarms }) =>
    list(alarms)
      .map(({ memberID }) => `memberID:${count(memberID)} alarm:NOSPACE \n`)
      .join(''),
  authStatus: (_, { enabled, authRevision }) => `Authentication Status: ${enabled === true}\nAuthRevision: ${count(authRevision)}\n`,
  users: (_, { users }) => utf8(((users ?? []) as readonly string[]).map((user) => `${user}\n`).join('')),
  roles: (_, { roles }) => utf8(((roles ?? []) as readonly string[]).map((role) => `${role}\n`).join('')),
};
