const simple: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  E: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};

/** Backslash escapes as `echo -e`, `printf` and its `%b` know them. `stops`: a `\c` ended the output. */
export function unescaped(text: string, { echo = false } = {}): { readonly text: string; readonly stops: boolean } {
  let stops = false;
  const out = text.replace(
    /\\(?:x([\da-fA-F]{1,2})|u([\da-fA-F]{1,4})|U([\da-fA-F]{1,8})|(0?[0-7]{1,3})|([\s\S]))/g,
    (
      whole,
      hex: string | undefined,
      u: string | undefined,
      big: string | undefined,
      octal: string | undefined,
      char: string | undefined,
    ) => {
      if (stops) return '';
      if (hex ?? u ?? big) return String.fromCodePoint(Number.parseInt((hex ?? u ?? big)!, 16) % 0x11_0000);
      if (octal !== undefined) return echo && !octal.startsWith('0') ? whole : String.fromCharCode(Number.parseInt(octal, 8) & 255);
      if (char === 'c') stops = true;
      return char === 'c' ? '\0stop' : (simple[char!] ?? (char === '"' && !echo ? '"' : whole));
    },
  );
  return stops ? { text: out.slice(0, out.indexOf('\0stop')), stops } : { text: out, stops };
}
