/** Tokens that a kubelet asks for: only for a Pod bound to its node, and for an audience that the Pod names (ServiceAccountNodeAudienceRestriction). */
import type { Pod } from '../../../../api/generated/types.ts';
import type { ApiServer } from '../../server.ts';

interface Asked {
  readonly spec?: {
    readonly audiences?: readonly string[] | undefined;
    readonly boundObjectRef?: { readonly kind?: string; readonly apiVersion?: string; readonly name?: string; readonly uid?: string };
  };
}

/** Why the kubelet of `node` may not have the token of a TokenRequest; undefined when it may. */
export function problemWithToken(server: ApiServer, node: string, namespace: string, request: object): string | undefined {
  const { audiences = [], boundObjectRef: ref } = (request as Asked).spec ?? {};
  if (!ref?.name || ref.apiVersion !== 'v1' || ref.kind !== 'Pod') return 'node requested token not bound to a pod';
  if (!ref.uid) return 'node requested token with a pod binding without a uid';
  const pod = server.store('pods').get(namespace, ref.name) as Pod | undefined;
  if (!pod) return `pod "${ref.name}" not found`;
  if (pod.metadata.uid !== ref.uid)
    return `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`;
  if (pod.spec?.nodeName !== node) return 'node requested token bound to a pod scheduled on a different node';
  if (audiences.length > 1) return 'node may only request 0 or 1 audiences';
  return namesAudience(pod, audiences[0] ?? '') ? undefined : `audience ${JSON.stringify(audiences[0] ?? '')} not found in pod spec volume`;
}

/** Differs from Kubernetes: the tokens that CSI drivers ask for are not looked at, as there are none. */
function namesAudience({ spec }: Pod, audience: string): boolean {
  return (spec?.volumes ?? []).some(({ projected }) =>
    projected?.sources?.some(({ serviceAccountToken }) => serviceAccountToken && (serviceAccountToken.audience ?? '') === audience),
  );
}
