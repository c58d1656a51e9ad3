/**
 * What `JSON.parse` does not tell of a text that it takes: keys that stand twice, and how deep it is. Upstream: sigs.k8s.io/json.
 */

interface Measured {
  /** Pairs of a key and a value, in all objects together. */
  readonly members: number;
  readonly depth: number;
}

/** Where a string that begins at `start` ends: the place of its last quote. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text[end - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}

export function measureJson(text: string): Measured {
  let [members, depth, deepest] = [0, 0, 0];
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '"') i = endOfString(text, i);
    else if (char === ':') members++;
    else if (char === '{' || char === '[') deepest = Math.max(deepest, ++depth);
    else if (char === '}' || char === ']') depth--;
  }
  return { members, depth: deepest };
}

/** Pairs in what came of a text: fewer than in the text, when a key stood twice. */
export function countMembers(value: unknown): number {
  let count = 0;
  const open = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== 'object' || next === null) continue;
    const values = Object.values(next);
    if (!Array.isArray(next)) count += values.length;
    for (const inner of values) if (typeof inner === 'object') open.push(inner);
  }
  return count;
}

/** The paths of keys that stand twice in a text that is JSON, in its order: `spec.containers[0].name`. */
export function duplicateFields(text: string): readonly string[] {
  const found = new Set<string>();
  let at = 0;
  const skipSpace = (): void => {
    while (' \t\n\r'.includes(text[at] ?? '!')) at++;
  };
  const string = (): string => {
    const end = endOfString(text, at);
    const raw = text.slice(at, end + 1);
    at = end + 1;
    return JSON.parse(raw) as string;
  };
  const value = (path: string): void => {
    skipSpace();
    if (text[at] === '"') string();
    else if (text[at] === '{') object(path);
    else if (text[at] === '[') list(path);
    else while (at < text.length && !',]} \t\n\r'.includes(text[at]!)) at++;
    skipSpace();
  };
  const object = (path: string): void => {
    const keys = new Set<string>();
    at++;
    for (skipSpace(); text[at] !== '}'; at += text[at] === ',' ? 1 : 0) {
      skipSpace();
      const key = string();
      const own = path === '' ? key : `${path}.${key}`;
      if (keys.has(key)) found.add(own);
      keys.add(key);
      skipSpace();
      at++;
      value(own);
    }
    at++;
  };
  const list = (path: string): void => {
    at++;
    skipSpace();
    for (let i = 0; text[at] !== ']'; i++) {
      value(`${path}[${i}]`);
      if (text[at] === ',') at++;
    }
    at++;
  };
  value('');
  return [...found];
}
