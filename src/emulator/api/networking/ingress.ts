/** Ingress: pkg/registry/networking/ingress/strategy.go. */
import { age, name, text } from '../columns.ts';
import { defineKind, keepStatus, statusSubresource } from '../define-kind.ts';
import type { Ingress, IngressRule } from '../generated/types.ts';
import { ingressClassAnnotation, validateIngress, validateIngressStatusUpdate, validateIngressUpdate } from './ingress-validation.ts';

const shownHosts = 3;

/** formatHosts of pkg/printers/internalversion/printers.go. */
function hosts(rules: readonly IngressRule[] | undefined): string {
  const list = (rules ?? []).flatMap(({ host }) => host || []);
  if (list.length === 0) return '*';
  const more = list.length - shownHosts;
  return more > 0 ? `${list.slice(0, shownHosts).join(',')} + ${more} more...` : list.join(',');
}

function addresses({ status }: Ingress): string {
  const found = new Set((status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => ip || hostname || []));
  return [...found].sort().join(',');
}

/** The descriptor of Ingress. */
export const ingresses = defineKind<Ingress>({
  group: 'networking.k8s.io',
  kind: 'Ingress',
  resource: 'ingresses',
  shortNames: ['ing'],
  storagePrefix: 'ingress',
  hasGeneration: true,
  subresources: { status: statusSubresource({ validateUpdate: validateIngressStatusUpdate }) },
  prepareForCreate: (ingress) => ({ ...ingress, status: { loadBalancer: {} } }),
  prepareForUpdate: keepStatus,
  validate: validateIngress,
  validateUpdate: validateIngressUpdate,
  warnings: ({ metadata, spec }, previous) =>
    !previous && metadata.annotations?.[ingressClassAnnotation] !== undefined && spec?.ingressClassName === undefined
      ? [`annotation "${ingressClassAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`]
      : [],
  columns: [
    name(),
    text('Class', 'The IngressClass whose controller serves it.', ({ spec }) => spec?.ingressClassName ?? '<none>'),
    text('Hosts', 'Names that its rules are for.', ({ spec }) => hosts(spec?.rules)),
    text('Address', 'Where it is reached.', addresses),
    text('Ports', 'Ports on which it is served.', ({ spec }) => (spec?.tls?.length ? '80, 443' : '80')),
    age(),
  ],
});
