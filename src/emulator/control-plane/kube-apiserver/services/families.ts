import type { ServiceSpec } from '../../../api/generated/types.ts';
import type { FieldError } from '../../../machinery/field-error.ts';
import { fieldPath, invalid } from '../../../machinery/field-error.ts';

interface Families {
  readonly ipFamilies: readonly string[];
  readonly ipFamilyPolicy: string;
}

const path = fieldPath('spec');

/**
 * The address families of a Service in a cluster that has IPv4 only, or why they cannot be (initIPFamilyFields of
 * pkg/registry/core/service/storage/alloc.go). A headless Service without a selector may have both: somebody else fills it.
 */
export function familiesOf({ clusterIP, selector, ipFamilies = [], ipFamilyPolicy }: ServiceSpec): Families | readonly FieldError[] {
  if (clusterIP === 'None' && !Object.keys(selector ?? {}).length) {
    const policy = ipFamilyPolicy ?? (ipFamilies.length === 1 ? 'SingleStack' : 'RequireDualStack');
    const families = ipFamilies.length > 0 ? ipFamilies : ['IPv4'];
    const other = families[0] === 'IPv4' ? 'IPv6' : 'IPv4';
    return { ipFamilyPolicy: policy, ipFamilies: policy === 'SingleStack' || families.length > 1 ? families : [...families, other] };
  }
  const errors: FieldError[] = [];
  ipFamilies.forEach((family, i) => {
    if (family !== 'IPv4') errors.push(invalid(path.child('ipFamilies').index(i), family, 'not configured on this cluster'));
  });
  if (ipFamilyPolicy === 'RequireDualStack')
    errors.push(invalid(path.child('ipFamilyPolicy'), ipFamilyPolicy, 'this cluster is not configured for dual-stack services'));
  return errors.length > 0 ? errors : { ipFamilies: ['IPv4'], ipFamilyPolicy: ipFamilyPolicy ?? 'SingleStack' };
}
