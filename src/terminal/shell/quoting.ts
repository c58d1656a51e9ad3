/** Text as the shell would read it back: `set -x`, `printf %q`, `${x@Q}`, `declare -p`, `alias`. */

const controls: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\t': '\\t',
  '\r': '\\r',
  '\x1b': '\\E',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\v': '\\v',
};

function ansiC(text: string): string {
  const escaped = text
    .replace(/[\\']/g, '\\$&')
    .replace(/[\x00-\x1f\x7f]/g, (char) => controls[char] ?? `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`);
  return `$'${escaped}'`;
}

const hasControl = (text: string): boolean => /[\x00-\x1f\x7f]/.test(text);

/** In single quotes, or in $'…' when it holds control characters: `${x@Q}`, `alias`, `trap`. */
export function quoted(text: string): string {
  return hasControl(text) ? ansiC(text) : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Quoted only where it must be, as `set -x` prints words. */
export function quotedIfNeeded(text: string): string {
  if (text === '') return "''";
  return /[^\w@%+=:,./\-{}^]|^[{}^=]$/.test(text) || text.startsWith('~') ? quoted(text) : text;
}

/** With backslashes, as `printf %q` and completion quote. */
export function backslashed(text: string): string {
  if (text === '') return "''";
  return hasControl(text) ? ansiC(text) : text.replace(/[^\w@%+=:,./\-\u0080-\u{10ffff}]/gu, '\\$&').replace(/^~/, '\\~');
}

/** In double quotes, as `declare -p` prints values. */
export function doubleQuoted(text: string): string {
  return hasControl(text.replaceAll('\n', '')) ? ansiC(text) : `"${text.replace(/["\\$`]/g, '\\$&')}"`;
}
