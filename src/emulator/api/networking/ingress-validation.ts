/** Validation of Ingresses: pkg/apis/networking/validation/validation.go. */
import { fieldPath, invalid, notSupported, required } from '../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../machinery/field-error.ts';
import { dns1035Label, dns1123Subdomain, pathSegmentName, portName, portNumber, wildcardDns1123Subdomain } from '../../machinery/names.ts';
import type {
  HTTPIngressPath,
  Ingress,
  IngressBackend,
  IngressRule,
  IngressServiceBackend,
  IngressSpec,
  IngressTLS,
} from '../generated/types.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { complain, isIPv4, isIPv6, validateIP } from '../metadata/rules.ts';

/** How an Ingress named its class before v1.18. */
export const ingressClassAnnotation = 'kubernetes.io/ingress.class';

const spec = fieldPath('spec');
const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix'];
const badSequences = ['//', '/./', '/../', '%2f', '%2F'];
const badEndings = ['/..', '/.'];
const absolute = 'must be an absolute path';

function validateHost(host: string, path: FieldPath, errors: FieldError[]): void {
  complain(host, host.includes('*') ? wildcardDns1123Subdomain(host) : dns1123Subdomain(host), path, errors);
}

function validateService({ name, port }: IngressServiceBackend, path: FieldPath, errors: FieldError[]): void {
  const at = path.child('service');
  if (!name) errors.push(required(at.child('name')));
  else complain(name, dns1035Label(name), at.child('name'), errors);
  if (port?.name && port.number) errors.push(invalid(path, '', 'cannot set both port name & port number'));
  else if (port?.name) complain(port.name, portName(port.name), at.child('port', 'name'), errors);
  else if (port?.number) complain(port.number, portNumber(port.number), at.child('port', 'number'), errors);
  else errors.push(required(path, 'port name or number is required'));
}

function validateBackend(backend: Partial<IngressBackend>, path: FieldPath, errors: FieldError[]): void {
  const { resource, service } = backend;
  if (resource && service) errors.push(invalid(path, '', 'cannot set both resource and service backends'));
  else if (service) validateService(service, path, errors);
  else if (resource) {
    const at = path.child('resource');
    const { apiGroup, kind, name } = resource;
    if (typeof apiGroup === 'string') complain(apiGroup, dns1123Subdomain(apiGroup), at.child('apiGroup'), errors);
    validateSegment(kind, at.child('kind'), errors);
    validateSegment(name, at.child('name'), errors);
  } else errors.push(invalid(path, '', 'resource or service backend is required'));
}

/** A word that can stand in a URL as one segment, and must be there. */
export function validateSegment(text: string | undefined, path: FieldPath, errors: FieldError[]): void {
  if (!text) errors.push(required(path));
  else complain(text, pathSegmentName(text), path, errors);
}

function validatePath({ path: text = '', pathType, backend }: HTTPIngressPath, path: FieldPath, errors: FieldError[]): void {
  if (pathType === undefined) {
    errors.push(required(path.child('pathType'), 'pathType must be specified'));
    return;
  }
  const at = path.child('path');
  if (pathType === 'Exact' || pathType === 'Prefix') {
    if (!text.startsWith('/')) errors.push(invalid(at, text, absolute));
    for (const bad of badSequences) if (text.includes(bad)) errors.push(invalid(at, text, `must not contain '${bad}'`));
    for (const bad of badEndings) if (text.endsWith(bad)) errors.push(invalid(at, text, `cannot end with '${bad}'`));
  } else if (pathType === 'ImplementationSpecific') {
    if (text !== '' && !text.startsWith('/')) errors.push(invalid(at, text, absolute));
  } else errors.push(notSupported(path.child('pathType'), pathType, pathTypes));
  validateBackend(backend ?? {}, path.child('backend'), errors);
}

function validateRule({ host, http }: IngressRule, path: FieldPath, errors: FieldError[]): void {
  if (host) {
    if (isIPv4(host) || isIPv6(host)) errors.push(invalid(path.child('host'), host, 'must be a DNS name, not an IP address'));
    validateHost(host, path.child('host'), errors);
  }
  if (!http) return;
  const at = path.child('http', 'paths');
  if (!http.paths?.length) errors.push(required(at));
  (http.paths ?? []).forEach((one, i) => {
    validatePath(one, at.index(i), errors);
  });
}

function validateTLS(tls: readonly IngressTLS[], errors: FieldError[]): void {
  tls.forEach(({ hosts = [], secretName }, i) => {
    const at = spec.child('tls').index(i);
    hosts.forEach((host, j) => {
      validateHost(host, at.child('hosts').index(j), errors);
    });
    if (secretName) complain(secretName, dns1123Subdomain(secretName), at.child('secretName'), errors);
  });
}

function validateSpec(own: IngressSpec, errors: FieldError[]): void {
  if (!own.rules?.length && !own.defaultBackend)
    errors.push(invalid(spec, own.rules ?? null, 'either `defaultBackend` or `rules` must be specified'));
  if (own.defaultBackend) validateBackend(own.defaultBackend, spec.child('defaultBackend'), errors);
  (own.rules ?? []).forEach((rule, i) => {
    validateRule(rule, spec.child('rules').index(i), errors);
  });
  validateTLS(own.tls ?? [], errors);
  if (own.ingressClassName !== undefined)
    complain(own.ingressClassName, dns1123Subdomain(own.ingressClassName), spec.child('ingressClassName'), errors);
}

/** Errors of a new Ingress. */
export function validateIngress({ metadata, spec: own = {} }: Ingress): readonly FieldError[] {
  const errors: FieldError[] = [];
  validateObjectMeta(metadata, { isNamespaced: true }, errors);
  validateSpec(own, errors);
  const annotated = metadata.annotations?.[ingressClassAnnotation];
  if (annotated !== undefined && own.ingressClassName !== undefined && annotated !== own.ingressClassName) {
    const path = fieldPath('annotations').child(ingressClassAnnotation);
    errors.push(invalid(path, annotated, 'must match `ingressClassName` when both are specified'));
  }
  return errors;
}

/** Errors of an update. */
export function validateIngressUpdate(next: Ingress, previous: Ingress): readonly FieldError[] {
  const errors: FieldError[] = [];
  validateObjectMetaUpdate(next, previous, errors);
  if (next.spec !== previous.spec) validateSpec(next.spec ?? {}, errors);
  return errors;
}

/** Errors of an update of the status: addresses and names. */
export function validateIngressStatusUpdate(next: Ingress, previous: Ingress): readonly FieldError[] {
  const errors: FieldError[] = [];
  validateObjectMetaUpdate(next, previous, errors);
  (next.status?.loadBalancer?.ingress ?? []).forEach(({ ip, hostname }, i) => {
    const at = fieldPath('status', 'loadBalancer', 'ingress').index(i);
    if (ip) validateIP(ip, at.child('ip'), errors);
    if (!hostname) return;
    complain(hostname, dns1123Subdomain(hostname), at.child('hostname'), errors);
    if (isIPv4(hostname) || isIPv6(hostname)) errors.push(invalid(at.child('hostname'), hostname, 'must be a DNS name, not an IP address'));
  });
  return errors;
}
