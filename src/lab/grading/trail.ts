/**
 * What a learner asked of the API server, in order, as two hashes: `same` for learners whose sessions did the very same, and
 * `renamed` for those who did the same under other names. Times count for neither.
 */
import type { Trace } from '../../emulator/kernel/index.ts';
import { authorOf } from '../history.ts';

export interface Trail {
  readonly requests: number;
  readonly same: string;
  readonly renamed: string;
}

/** Listens from now on. */
export function followTrail(trace: Trace): { readonly value: Trail } {
  const [same, renamed] = [new Hash(), new Hash()];
  const numbers = new Map<string, number>();
  // Names of the course's own cluster stay; a learner's name becomes the number of its first appearance.
  const numberOf = (name: string): string => {
    if (!numbers.has(name)) numbers.set(name, numbers.size);
    return String(numbers.get(name));
  };
  let requests = 0;
  trace.listen((record) => {
    if (record.type !== 'request' || !record.object || authorOf(record.user) !== 'learner') return;
    const { resource, namespace = '', name } = record.object;
    const { verb, subresource = '', code } = record;
    requests++;
    same.add(`${verb} ${resource}/${subresource} ${namespace}/${name} ${code}`);
    renamed.add(`${verb} ${resource}/${subresource} ${numberOf(namespace)}/${numberOf(name)} ${code}`);
  });
  return {
    get value() {
      return { requests, same: same.text, renamed: renamed.text };
    },
  };
}

/** FNV-1a in two lanes: for telling apart, not for secrets. */
class Hash {
  #low = 0x811c9dc5;
  #high = 0xcbf29ce4;

  add(text: string): void {
    for (let i = 0; i <= text.length; i++) {
      const code = i < text.length ? text.charCodeAt(i) : 10;
      this.#low = Math.imul(this.#low ^ code, 0x01000193) >>> 0;
      this.#high = Math.imul(this.#high + code, 0x9e3779b1) >>> 0;
    }
  }

  get text(): string {
    return this.#low.toString(16).padStart(8, '0') + this.#high.toString(16).padStart(8, '0');
  }
}
