/**
 * The address families of a Service: initIPFamilyFields of pkg/registry/core/service/storage/alloc.go. Runs before validation, so it
 * looks itself at what it builds upon (ValidateServiceClusterIPsRelatedFields of pkg/apis/core/validation/validation.go).
 */
import type { ServiceSpec } from '../../../api/generated/types.ts';
import { validateClusterIPs, validateFamilies } from '../../../api/core/service-validation.ts';
import type { FieldError } from '../../../machinery/field-error.ts';
import { fieldPath, invalid } from '../../../machinery/field-error.ts';
import type { IPFamily } from './addresses.ts';
import { familyOf } from './addresses.ts';

const path = fieldPath('spec');
const policyPath = path.child('ipFamilyPolicy');

const other = (family: string): IPFamily => (family === 'IPv4' ? 'IPv6' : 'IPv4');
const isSame = (a: readonly string[] = [], b: readonly string[] = []): boolean =>
  a.length === b.length && a.every((one, i) => one === b[i]);
const isReduced = (next: readonly string[] = [], previous: readonly string[] = []): boolean =>
  next.length > 0 && next.length < previous.length && next.every((one, i) => one === previous[i]);
const hasAddress = ({ type }: ServiceSpec): boolean => type !== 'ExternalName';

/** A Service that prefers two families and that nobody touched stays as it is, whatever the cluster has become. */
export function isLeftAlone(next: ServiceSpec, previous: ServiceSpec | undefined): boolean {
  return (
    previous !== undefined &&
    next.type === previous.type &&
    hasAddress(next) &&
    next.ipFamilyPolicy === 'PreferDualStack' &&
    previous.ipFamilyPolicy === 'PreferDualStack' &&
    isSame(next.clusterIPs, previous.clusterIPs) &&
    isSame(next.ipFamilies, previous.ipFamilies)
  );
}

/** The spec with its policy, its families and its addresses as far as they are known; or why they cannot be. `cluster`: the first is the default. */
export function withFamilies(
  spec: ServiceSpec,
  previous: ServiceSpec | undefined,
  cluster: readonly IPFamily[],
): { readonly spec: ServiceSpec } | { readonly errors: readonly FieldError[] } {
  if (!hasAddress(spec) || isLeftAlone(spec, previous)) return { spec };
  const isSelectorless = spec.clusterIP === 'None' && !Object.keys(spec.selector ?? {}).length;
  const policy = spec.ipFamilyPolicy ?? previous?.ipFamilyPolicy ?? (isSelectorless ? 'RequireDualStack' : 'SingleStack');
  const errors: FieldError[] = [];
  validateFamilies(spec, errors);
  validateClusterIPs({ ...spec, ipFamilyPolicy: policy }, errors);
  if (errors.length > 0) return { errors };
  let { clusterIPs = [], ipFamilies = [] } = spec;
  if (previous && policy === 'SingleStack') {
    if (isSame(previous.clusterIPs, clusterIPs)) clusterIPs = clusterIPs.slice(0, 1);
    if (isSame(previous.ipFamilies, ipFamilies)) ipFamilies = ipFamilies.slice(0, 1);
  } else if (previous) {
    const complaint = (what: string): FieldError => invalid(policyPath, policy, `must be 'SingleStack' to release the secondary ${what}`);
    if (isReduced(clusterIPs, previous.clusterIPs)) errors.push(complaint('cluster IP'));
    if (isReduced(ipFamilies, previous.ipFamilies)) errors.push(complaint('IP family'));
  }
  if (policy === 'SingleStack') {
    const complaint = (what: string): FieldError =>
      invalid(policyPath, policy, `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`);
    if (clusterIPs.length === 2) errors.push(complaint('cluster IPs'));
    if (ipFamilies.length === 2) errors.push(complaint('IP families'));
  }
  for (const [i, ip] of clusterIPs.entries()) {
    if (ip === 'None') break;
    if (i < ipFamilies.length) continue;
    const family = familyOf(ip);
    if (cluster.includes(family)) ipFamilies = [...ipFamilies, family];
    else errors.push(invalid(path.child('clusterIPs').index(i), clusterIPs, `${family} is not configured on this cluster`));
  }
  if (errors.length > 0) return { errors };
  const settled = (families: readonly string[]) => ({ spec: { ...spec, clusterIPs, ipFamilies: families, ipFamilyPolicy: policy } });
  // Somebody else fills it, so that it may have families that the cluster has not.
  if (isSelectorless) {
    const [first = cluster[0]!, ...rest] = ipFamilies;
    return settled(policy !== 'SingleStack' && rest.length === 0 ? [first, other(first)] : [first, ...rest]);
  }
  if (policy === 'RequireDualStack' && cluster.length < 2)
    errors.push(invalid(policyPath, policy, 'this cluster is not configured for dual-stack services'));
  for (const [i, family] of ipFamilies.entries())
    if (!cluster.includes(family as IPFamily))
      errors.push(invalid(path.child('ipFamilies').index(i), family, 'not configured on this cluster'));
  if (errors.length > 0) return { errors };
  const families = ipFamilies.length > 0 ? ipFamilies : [cluster[0]!];
  return settled(
    policy !== 'SingleStack' && families.length === 1 && cluster.length === 2 ? [families[0]!, other(families[0]!)] : families,
  );
}
