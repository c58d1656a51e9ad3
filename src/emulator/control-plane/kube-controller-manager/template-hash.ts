import type { PodTemplateSpec } from '../../api/generated/types.ts';

/** rand.SafeEncodeString: no vowels, so that no name says anything. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
const texts = new WeakMap<PodTemplateSpec, string>();

/**
 * The value of `pod-template-hash`: FNV-1a of the template and the collision count, its decimal digits spelled in the safe
 * alphabet (controller.ComputeHash). Two templates that are equal have one hash, whatever the order of their fields.
 */
// Differs from Kubernetes: upstream hashes a dump of its Go structs, so the same template has another value there.
export function computeHash(template: PodTemplateSpec, collisionCount: number | undefined): string {
  let text = texts.get(template);
  if (text === undefined) texts.set(template, (text = canonical(template)));
  let hash = 0x811c9dc5;
  const all = collisionCount === undefined ? text : `${text}#${collisionCount}`;
  for (let i = 0; i < all.length; i++) hash = Math.imul(hash ^ all.charCodeAt(i), 0x01000193) >>> 0;
  let safe = '';
  for (const digit of String(hash)) safe += alphabet[digit.charCodeAt(0) % alphabet.length];
  return safe;
}

/** Controllers compare templates without the label that they add themselves (EqualIgnoreHash). */
export const hashLabel = 'pod-template-hash';

/** JSON with sorted keys and without absent fields. */
function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  const object = value as Record<string, unknown>;
  const fields: string[] = [];
  for (const key of Object.keys(object).sort())
    if (object[key] !== undefined) fields.push(`${JSON.stringify(key)}:${canonical(object[key])}`);
  return `{${fields.join()}}`;
}
