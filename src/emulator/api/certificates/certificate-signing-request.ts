/** CertificateSigningRequest: pkg/registry/certificates/certificates/strategy.go. */
import { humanDuration } from '../../machinery/duration.ts';
import { age, name, text } from '../columns.ts';
import { defineKind, keepStatus } from '../define-kind.ts';
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from '../generated/types.ts';
import type { ObjectSubresource, StrategyContext } from '../kind.ts';
import { validateRequest, validateRequestUpdate } from './validation.ts';

type Conditions = readonly CertificateSigningRequestCondition[];

/** Fills in when each condition came about; one that was there keeps its time. */
function withTimes(conditions: Conditions | undefined, before: Conditions, now: string): Conditions | undefined {
  return conditions?.map((condition) => {
    const lastUpdateTime = condition.lastUpdateTime ?? now;
    if (condition.lastTransitionTime) return { ...condition, lastUpdateTime };
    const known = before.find(({ type, status }) => type === condition.type && status === condition.status);
    return { ...condition, lastUpdateTime, lastTransitionTime: known?.lastTransitionTime ?? now };
  });
}

const isDecision = ({ type }: CertificateSigningRequestCondition): boolean => type === 'Approved' || type === 'Denied';

/** A subresource that writes the status: `approval` its decisions, `status` the certificate and the rest. */
function statusPart(
  merge: (next: Conditions, previous: Conditions) => Conditions,
  takesCertificate: boolean,
): ObjectSubresource<CertificateSigningRequest> {
  return {
    verbs: ['get', 'patch', 'update'],
    prepareForUpdate(next, previous, { now }) {
      const before = previous.status?.conditions ?? [];
      const conditions = withTimes(merge(next.status?.conditions ?? [], before), before, now);
      const certificate = takesCertificate ? next.status?.certificate : previous.status?.certificate;
      const status = { ...(certificate === undefined ? {} : { certificate }), ...(conditions?.length ? { conditions } : {}) };
      return { ...next, spec: previous.spec, status };
    },
    validateUpdate: (next, previous) => validateRequestUpdate(next, previous, !takesCertificate),
  };
}

/** The request says who asked, as the API server knows it and not as the client claims. */
function withRequestor(request: CertificateSigningRequest, { user }: StrategyContext): CertificateSigningRequest {
  const { request: pem, signerName, expirationSeconds, usages } = request.spec;
  const asked = {
    request: pem,
    signerName,
    ...(expirationSeconds === undefined ? {} : { expirationSeconds }),
    ...(usages ? { usages } : {}),
  };
  const spec = {
    ...asked,
    username: user.name,
    ...(user.uid ? { uid: user.uid } : {}),
    ...(user.groups.length > 0 ? { groups: user.groups } : {}),
    ...(user.extra && Object.keys(user.extra).length > 0 ? { extra: user.extra } : {}),
  };
  return { ...request, spec, status: {} };
}

/** `Pending`, `Approved,Issued`, `Denied`, `Approved,Failed`: extractCSRStatus of printers.go. */
export function requestState({ status }: Pick<CertificateSigningRequest, 'status'>): string {
  const has = (type: string): boolean => status?.conditions?.some((condition) => condition.type === type) ?? false;
  const decision = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending';
  return `${decision}${has('Failed') ? ',Failed' : ''}${status?.certificate ? ',Issued' : ''}`;
}

/** The descriptor of CertificateSigningRequest. */
export const certificateSigningRequests = defineKind<CertificateSigningRequest>({
  group: 'certificates.k8s.io',
  kind: 'CertificateSigningRequest',
  resource: 'certificatesigningrequests',
  shortNames: ['csr'],
  isNamespaced: false,
  subresources: {
    approval: statusPart((next, previous) => [...previous.filter((one) => !isDecision(one)), ...next.filter(isDecision)], false),
    status: statusPart((next) => next, true),
  },
  prepareForCreate: withRequestor,
  prepareForUpdate: (next, previous) => keepStatus({ ...next, spec: previous.spec }, previous),
  validate: validateRequest,
  validateUpdate: (next, previous) => validateRequestUpdate(next, previous, false),
  columns: [
    name(),
    age(),
    text('SignerName', 'Who shall sign.', ({ spec }) => spec.signerName || '<none>'),
    text('Requestor', 'Who asked.', ({ spec }) => spec.username ?? ''),
    text('RequestedDuration', 'For how long.', ({ spec }) =>
      spec.expirationSeconds === undefined ? '<none>' : humanDuration(spec.expirationSeconds * 1000),
    ),
    text('Condition', 'How far it has come.', requestState),
  ],
  selectableFields: { 'spec.signerName': ({ spec }) => spec.signerName },
});
