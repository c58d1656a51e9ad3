/**
 * What the same bytes lead to, worked out once in a process: clusters of one seed have the same keys and sign the same
 * certificates, and a multiplication on the curve costs as much as fifty requests.
 */
import { bytesOf } from '../../kernel/bytes.ts';

const maxKnown = 1024;

/** Remembers what `make` returned for the same bytes; what it throws is thrown anew. */
export function remembering<P extends readonly Uint8Array[], T>(make: (...parts: P) => T): (...parts: P) => T {
  const known = new Map<string, T>();
  return (...parts) => {
    const key = parts.map((part) => `${part.length} ${bytesOf(part)}`).join('');
    let found = known.get(key);
    if (found === undefined) {
      if (known.size >= maxKnown) known.clear();
      known.set(key, (found = make(...parts)));
    }
    return found;
  };
}
