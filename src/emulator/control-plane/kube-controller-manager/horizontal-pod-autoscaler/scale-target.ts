/** Finds and reads the scale of what an autoscaler points to (horizontal.go, scaleForResourceMappings). */
import type { CrossVersionObjectReference, Scale } from '../../../api/generated/types.ts';
import type { Kind } from '../../../api/kind.ts';
import { kinds } from '../../../api/kinds.ts';

/** The kind that a reference means, in whichever version it is served; undefined when there is none. */
export function scalableKind({ apiVersion = '', kind }: CrossVersionObjectReference): Kind<Scale> | undefined {
  const group = groupOf(apiVersion);
  const found = kinds.find((candidate) => candidate.group === group && candidate.kind === kind);
  return found as unknown as Kind<Scale> | undefined;
}

/** `apps` of `apps/v1`, '' of `v1`. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.split('/')[0]! : '';
}
