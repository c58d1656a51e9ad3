/** Chooses the form. A form that does not exist for an answer is found out when the answer is there, as in etcdctl: what was asked for is done. */
import type { ByteString, Call } from '../../../emulator/kernel/index.ts';
import { utf8 } from '../../../emulator/kernel/index.ts';
import type { Context } from './context.ts';
import { exitCodes, UsageError } from './context.ts';
import { fieldPrinters } from './fields.ts';
import type { Message, SchemaName } from './messages.ts';
import { json, protobuf, schemas } from './messages.ts';
import { simplePrinters } from './simple.ts';

export const unsupported = (format: string): UsageError => new UsageError(`${format} not supported as output format`, exitCodes.badFeature);

/** In JSON a watch's answer is a struct of the client, whose fields have no names of their own. */
const watchJson = ({ header, events = [] }: Message): string => {
  const all = (events as readonly Message[]).map((event) => json(schemas.event, event));
  return `{"Header":${json(schemas.header, header as Message)},"Events":[${all.join(',')}],"CompactRevision":0,"Canceled":false,"Created":false}`;
};

/** An answer in the form that is wanted. `simple` is given where people read something else than the message. */
export function render({ format, isHex, isValueOnly }: Context, name: SchemaName, message: Message, simple?: string): ByteString {
  if (format === 'json') return utf8(`${name === 'watch' ? watchJson(message) : json(schemas[name], message)}\n`);
  if (format === 'protobuf') return protobuf(schemas[name], message);
  if (format === 'simple')
    return simple === undefined ? (simplePrinters[name]!({ isHex, isValueOnly }, message) as ByteString) : utf8(simple);
  const fields = fieldPrinters[name];
  if (format === 'table' || !fields) throw unsupported(format);
  return utf8(fields(message, isHex));
}

export function print(context: Context, name: SchemaName, message: Message, simple?: string): Call<void> {
  return context.sys.write(1, render(context, name, message, simple));
}
