/** Finds and reads the scale of what an autoscaler points to (horizontal.go, scaleForResourceMappings). */
import type { CrossVersionObjectReference, Scale } from '../../../api/generated/types.ts';
import type { Kind } from '../../../api/kind.ts';
import { kinds } from '../../../api/kinds.ts';
import type { Client } from '../../../client/index.ts';
import type { Call } from '../../../kernel/index.ts';

/** The kind that a reference means, in whichever version it is served; undefined when there is none. */
export function* scalableKind(client: Client, { apiVersion = '', kind }: CrossVersionObjectReference): Call<Kind<Scale> | undefined> {
  const group = groupOf(apiVersion);
  const isMeant = (candidate: Kind): boolean => candidate.group === group && candidate.kind === kind;
  const found = kinds.find(isMeant) ?? (yield* client.discover()).kinds.find(isMeant);
  return found as unknown as Kind<Scale> | undefined;
}

/** `apps` of `apps/v1`, '' of `v1`. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.split('/')[0]! : '';
}
