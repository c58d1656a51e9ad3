/** Questions to a real API server about what would be; nothing comes of them. */
import { AuthorizationV1Api, KubernetesObjectApi } from '@kubernetes/client-node';
import type { KubeConfig, KubernetesObject } from '@kubernetes/client-node';
import type { Attempt, Verdict } from '../../lab/api.ts';

/** Whether somebody may do something in one of the lab's namespaces. It is asked under the namespace's real name, for the service accounts there too. */
export async function mayOn(config: KubeConfig, namespaces: ReadonlyMap<string, string>, attempt: Attempt): Promise<boolean> {
  const { user, groups = [], verb, resource, namespace, name } = attempt;
  const [plural = '', subresource] = resource.split('/');
  const [kind, ...group] = plural.split('.');
  const [, owner, account] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user) ?? [];
  const home = owner === undefined ? undefined : (namespaces.get(owner) ?? owner);
  const review = await config.makeApiClient(AuthorizationV1Api).createSubjectAccessReview({
    body: {
      spec: {
        user: home === undefined ? user : `system:serviceaccount:${home}:${account}`,
        groups: [
          ...groups,
          ...(home === undefined ? [] : ['system:serviceaccounts', `system:serviceaccounts:${home}`]),
          'system:authenticated',
        ],
        resourceAttributes: {
          verb,
          group: group.join('.'),
          resource: kind,
          subresource,
          namespace: namespace && (namespaces.get(namespace) ?? namespace),
          name,
        },
      },
    },
  });
  return review.status?.allowed === true;
}

/** Whether the API server would take an object, by a dry run. */
export async function acceptedBy(config: KubeConfig, namespaces: ReadonlyMap<string, string>, object: KubernetesObject): Promise<Verdict> {
  const namespace = namespaces.get(object.metadata?.namespace ?? 'default');
  if (namespace === undefined) throw new Error(`${object.metadata?.namespace} is no namespace of this lab`);
  try {
    await KubernetesObjectApi.makeApiClient(config).create({ ...object, metadata: { ...object.metadata, namespace } }, undefined, 'All');
    return { ok: true, why: '' };
  } catch (error) {
    return { ok: false, why: wordsOf(error) };
  }
}

/** What the API server said, if it did. */
export function wordsOf(error: unknown): string {
  const { body, message } = error as { body?: unknown; message?: string };
  try {
    const status = JSON.parse(String(body)) as { message?: string };
    if (status.message) return status.message;
  } catch {
    // It was not the API server who answered.
  }
  return message ?? String(error);
}
