/** The annotation in which client-side apply keeps what was applied last. Upstream: kubectl/pkg/util/apply.go. */
import { marshalCompact } from '../../emulator/machinery/json.ts';
import type { Json } from './json.ts';

export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';

/** The object as the annotation holds it: without the annotation itself, as one line of JSON. */
export function lastAppliedText(object: Json): string {
  const { [lastAppliedAnnotation]: _, ...annotations } = object.metadata?.annotations ?? {};
  return `${marshalCompact({ ...object, metadata: { ...object.metadata, annotations } })}\n`;
}

export function withLastApplied(object: Json): Json {
  const annotations = { ...object.metadata?.annotations, [lastAppliedAnnotation]: lastAppliedText(object) };
  return { ...object, metadata: { ...object.metadata, annotations } };
}
