import type { FileSystem } from '../../emulator/kernel/index.ts';

const compiled = new Map<string, RegExp>();

/** Quotes what a pattern would treat as special. */
export function escapePattern(text: string): string {
  return text.replace(/[\\*?[\]]/g, '\\$&');
}

/** A shell pattern (`*`, `?`, `[a-z]`, `\x`) as an anchored regular expression. */
export function patternRegExp(pattern: string): RegExp {
  let regExp = compiled.get(pattern);
  if (!regExp) compiled.set(pattern, (regExp = new RegExp(`^${patternSource(pattern)}$`, 's')));
  return regExp;
}

export function patternSource(pattern: string, any = '.*'): string {
  return pattern.replace(/\\(.)|\[[!^]?\]?[^\]]*\]|[\s\S]/g, (token, escaped?: string) => {
    if (escaped !== undefined) return quote(escaped);
    if (token === '*') return any;
    if (token === '?') return '.';
    if (token.length > 1) return token.replace(/^\[!/, '[^');
    return quote(token);
  });
}

/** Paths that match, sorted. A leading dot must be matched by a dot. */
export function glob(fs: FileSystem, cwd: string, pattern: string): string[] {
  const isAbsolute = pattern.startsWith('/');
  let found = [''];
  for (const part of pattern.split('/').filter((p) => p !== '')) {
    const matches = patternRegExp(part);
    found = found.flatMap((prefix) => {
      const directory = isAbsolute ? `/${prefix}` : `${cwd}/${prefix}`;
      if (fs.find(directory)?.kind !== 'directory') return [];
      return fs
        .list(directory)
        .filter((name) => matches.test(name) && (part.startsWith('.') || !name.startsWith('.')))
        .map((name) => (prefix === '' ? name : `${prefix}/${name}`));
    });
  }
  return isAbsolute ? found.map((path) => `/${path}`) : found;
}

function quote(char: string): string {
  return /[a-zA-Z0-9\s]/.test(char) ? char : `\\${char}`;
}
