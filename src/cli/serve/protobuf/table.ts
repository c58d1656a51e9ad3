/** The table of field numbers, read when it is first asked for. */
import { fieldNumbers } from './field-numbers.ts';

export interface MessageField {
  readonly number: number;
  /** The field's name in JSON; of an embedded message, the name of the message. */
  readonly name: string;
  readonly isEmbedded: boolean;
  /** Go holds it by a pointer: that it is zero is not that it is absent. */
  readonly isPointer: boolean;
  readonly wrapped: 'list' | 'schema' | 'schema-or-bool' | 'nothing' | undefined;
}

let table: Map<string, Map<number, MessageField>> | undefined;

/** The fields of a message by their numbers, in ascending order. */
export function fieldsOfMessage(message: string): ReadonlyMap<number, MessageField> | undefined {
  table ??= new Map(fieldNumbers.trim().split('\n').map(readLine));
  return table.get(message);
}

export const isKnownModel = (model: string): boolean => fieldsOfMessage(model) !== undefined;

function readLine(line: string): [string, Map<number, MessageField>] {
  const [message, ...fields] = line.split(' ') as [string, ...string[]];
  let number = 0;
  return [
    message,
    new Map(
      fields.map((text) => {
        const [, jump, star, name, mark, wrapped] = /^(?:(\d+):)?(\*?)([^?=]+)(\??)(?:=(.+))?$/.exec(text)!;
        number = jump === undefined ? number + 1 : Number(jump);
        const field = { number, name, isEmbedded: star !== '', isPointer: mark !== '', wrapped } as MessageField;
        return [number, field];
      }),
    ),
  ];
}
