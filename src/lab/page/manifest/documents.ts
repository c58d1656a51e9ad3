/** The documents of a manifest's text, and the kinds that they are of. */
import { kinds } from '../../../emulator/api/kinds.ts';
import { apiVersionOf, type Kind } from '../../../emulator/api/kind.ts';

export interface Part {
  /** Offset of the first character in the whole text. */
  readonly from: number;
  readonly text: string;
}

/** A text cut at its `---` lines. */
export function partsOf(text: string): readonly Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const match of text.matchAll(/^---.*(?:\n|$)/gm)) {
    parts.push({ from, text: text.slice(from, match.index) });
    from = match.index + match[0].length;
  }
  parts.push({ from, text: text.slice(from) });
  return parts;
}

/** The kind that is served under a name and version. */
export function kindCalled(apiVersion: string | undefined, kind: string | undefined): Kind | undefined {
  return kinds.find((one) => one.kind === kind && apiVersionOf(one) === apiVersion);
}
