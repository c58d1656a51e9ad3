/** Kinds of parameters: each reads the text that an author wrote, and says what is wrong with it. */

/** What is known of the cluster when a fault is read. */
export interface Place {
  readonly nodes: readonly string[];
}

/** A value, or what is wrong with the text. */
export type Parsed<T> = { readonly value: T } | { readonly problem: string };

export interface Parameter<T> {
  /** What it stands for, in a few words. */
  readonly about: string;
  /** What it is when nobody gives one; a parameter without must be given. */
  readonly fallback?: string | undefined;
  /** For editors: a JSON schema. */
  readonly schema: Readonly<Record<string, unknown>>;
  parse(text: string, place: Place): Parsed<T>;
}

/** A machine of the cluster. */
export function machine(about: string, fallback?: string): Parameter<string> {
  return {
    about,
    fallback,
    schema: { type: 'string' },
    parse: (text, { nodes }) =>
      nodes.includes(text) ? { value: text } : { problem: `there is no machine ${text}; there are ${nodes.join(', ')}` },
  };
}

/** Several machines of the cluster, with commas between their names. */
export function machines(about: string, fallback?: string): Parameter<readonly string[]> {
  const one = machine(about);
  return {
    about,
    fallback,
    schema: { type: 'string', minLength: 1 },
    parse(text, place) {
      const names = text.split(',');
      for (const name of names) {
        const parsed = one.parse(name, place);
        if ('problem' in parsed) return parsed;
      }
      return { value: names };
    },
  };
}

/** Any text. */
export function text(about: string, fallback?: string): Parameter<string> {
  return { about, fallback, schema: { type: 'string', minLength: 1 }, parse: (value) => ({ value }) };
}

/** A name or path as files and objects bear it. */
export function name(about: string, fallback?: string): Parameter<string> {
  const pattern = '^[A-Za-z0-9][A-Za-z0-9./_-]*$';
  return {
    about,
    fallback,
    schema: { type: 'string', pattern },
    parse: (value) => (new RegExp(pattern).test(value) ? { value } : { problem: `${JSON.stringify(value)} is no name` }),
  };
}

/** A whole number. */
export function integer(
  about: string,
  { least, most }: { readonly least: number; readonly most: number },
  fallback?: number,
): Parameter<number> {
  return {
    about,
    fallback: fallback === undefined ? undefined : String(fallback),
    schema: { type: 'integer', minimum: least, maximum: most },
    parse: (value) => {
      const number = /^-?\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
      return number >= least && number <= most ? { value: number } : { problem: `${value} is no whole number from ${least} to ${most}` };
    },
  };
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Virtual milliseconds of `90s`, `-3h` or `250ms`; undefined if it is none. */
export function parseSpan(value: string): number | undefined {
  const [, sign = '', amount, unit = ''] = /^(-?)(\d{1,9})(ms|s|m|h|d)$/.exec(value) ?? [];
  return amount === undefined ? undefined : (sign === '-' ? -1 : 1) * Number(amount) * unitMs[unit]!;
}

/** A span of time, in virtual milliseconds. */
export function span(about: string, fallback?: string): Parameter<number> {
  return {
    about,
    fallback,
    schema: { type: 'string', pattern: '^-?[0-9]+(ms|s|m|h|d)$' },
    parse: (value) => {
      const ms = parseSpan(value);
      return ms === undefined ? { problem: `${value} is no time such as 90s or 2h` } : { value: ms };
    },
  };
}

/** One of a few words. */
export function choice<const W extends string>(about: string, words: readonly W[], fallback?: W): Parameter<W> {
  return {
    about,
    fallback,
    schema: { enum: words },
    parse: (value) =>
      (words as readonly string[]).includes(value) ? { value: value as W } : { problem: `${value} is none of ${words.join(', ')}` },
  };
}
