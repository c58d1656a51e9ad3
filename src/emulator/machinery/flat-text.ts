/**
 * Text without its history. Engines keep a concatenation as a rope of 32-byte cells until someone reads it; what is stored
 * for long and was put together from parts costs several times its length that way.
 */

/** A character that no text begins with: comparing with it reads the text, which is what makes it flat. */
const noncharacter = 0xffff;

/** The same text in one piece. */
export function flat(text: string): string {
  return text.charCodeAt(0) === noncharacter ? text.slice(0) : text;
}
