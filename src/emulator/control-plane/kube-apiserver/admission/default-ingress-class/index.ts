/** DefaultIngressClass: an Ingress that names no class gets the default one, of several the newest (plugin/pkg/admission/network/defaultingressclass). */
import type { Ingress, IngressClass } from '../../../../api/generated/types.ts';
import { ingressClassAnnotation } from '../../../../api/networking/ingress-validation.ts';
import type { AdmissionPlugin } from '../plugin.ts';

const defaultAnnotation = 'ingressclass.kubernetes.io/is-default-class';

/** Whether one class comes before another: the newer, then by name. */
function isBefore({ metadata: a }: IngressClass, { metadata: b }: IngressClass): boolean {
  return a.creationTimestamp === b.creationTimestamp ? a.name < b.name : a.creationTimestamp > b.creationTimestamp;
}

export const defaultIngressClass: AdmissionPlugin = {
  name: 'DefaultIngressClass',
  resources: ['ingresses'],
  operations: ['CREATE'],
  admit(server, { object }) {
    const ingress = object as Ingress;
    if (ingress.spec?.ingressClassName !== undefined || ingress.metadata.annotations?.[ingressClassAnnotation] !== undefined)
      return ingress;
    const classes = server.store('ingressclasses', 'networking.k8s.io/v1').list('');
    const defaults = classes
      .map(({ value }) => value as IngressClass)
      .filter(({ metadata }) => metadata.annotations?.[defaultAnnotation] === 'true');
    const [first, ...others] = defaults;
    if (!first) return ingress;
    const chosen = others.reduce((best, one) => (isBefore(one, best) ? one : best), first);
    return { ...ingress, spec: { ...ingress.spec, ingressClassName: chosen.metadata.name } };
  },
};
