/** A regular expression as Go writes it: named groups have a P, and flags stand in front. Undefined for what is none. */
export function goRegExp(text: string): RegExp | undefined {
  const [, flags = '', pattern = text] = /^\(\?([ims]+)\)([\s\S]*)$/.exec(text) ?? [];
  try {
    return new RegExp(pattern.replaceAll('(?P<', '(?<'), flags);
  } catch {
    return undefined;
  }
}
