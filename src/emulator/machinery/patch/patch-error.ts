/** A patch that cannot be read or does not apply; the message is that of upstream's library. */
export class PatchError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PatchError';
  }
}

export type JsonMap = Readonly<Record<string, unknown>>;

export const isMap = (value: unknown): value is JsonMap => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether a map has a key: a field that is undefined counts as absent. */
export const hasKey = (map: JsonMap, key: string): boolean => map[key] !== undefined && Object.hasOwn(map, key);
