/** The request of an AdmissionReview, which webhooks are sent and expressions see. Upstream: apiserver/pkg/admission/plugin/webhook/request. */
import type { ApiObject } from '../../../machinery/objects.ts';
import { objectSubresource } from '../verbs/object-subresource.ts';
import type { AdmissionAttributes } from './plugin.ts';
import { nameOf } from './request-matching.ts';

export interface ReviewRequest {
  readonly uid: string;
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
  readonly operation: string;
  readonly object: ApiObject | null;
  readonly oldObject: ApiObject | null;
  readonly [key: string]: unknown;
}

const optionKinds = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' };

/** The object of a creation, both of an update, and only the old one of a deletion. */
export function reviewRequest(attributes: AdmissionAttributes, uid: string): ReviewRequest {
  const { request, operation, object, previous } = attributes;
  const { group, version, kind, resource } = request.resource;
  const as = objectSubresource(request)?.as;
  const gvk =
    operation === 'CONNECT'
      ? { group: '', version: 'v1', kind: object.kind }
      : { group: as?.group ?? group, version: as?.version ?? version, kind: as?.kind ?? kind };
  const gvr = { group, version, resource };
  const sub = request.subresource === '' ? {} : { subResource: request.subresource, requestSubResource: request.subresource };
  const { name, uid: userUID, groups, extra } = request.user;
  const isDelete = operation === 'DELETE';
  return {
    uid,
    kind: gvk,
    resource: gvr,
    ...sub,
    requestKind: gvk,
    requestResource: gvr,
    name: nameOf(attributes) || undefined,
    namespace: request.namespace || undefined,
    operation,
    userInfo: { username: name, ...(userUID && { uid: userUID }), groups, ...(extra && { extra }) },
    object: isDelete ? null : object,
    oldObject: previous ?? null,
    dryRun: request.isDryRun,
    options:
      operation === 'CONNECT'
        ? null
        : {
            kind: optionKinds[operation],
            apiVersion: 'meta.k8s.io/v1',
            ...(request.write?.fieldManager && { fieldManager: request.write.fieldManager }),
            ...(request.isDryRun && { dryRun: ['All'] }),
          },
  };
}
