/** Validation of the claims to devices of a Pod and of its containers: validatePodResourceClaim and validateResourceClaimNames of pkg/apis/core/validation/validation.go. */
import { duplicate, invalid, notFound, required } from '../../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../../machinery/field-error.ts';
import { dns1123Label, dns1123Subdomain } from '../../../machinery/names.ts';
import type { CoreV1ResourceClaim, PodResourceClaim, PodSpec } from '../../generated/types.ts';
import { complain } from '../../metadata/rules.ts';

const goClaim = ({ name, resourceClaimName, resourceClaimTemplateName }: PodResourceClaim): unknown => ({
  Name: name,
  ResourceClaimName: resourceClaimName ?? null,
  ResourceClaimTemplateName: resourceClaimTemplateName ?? null,
});

/** What a Pod claims. */
export function validatePodClaims(claims: readonly PodResourceClaim[], path: FieldPath, errors: FieldError[]): void {
  const names = new Set<string>();
  claims.forEach((claim, i) => {
    const at = path.index(i);
    const { name, resourceClaimName, resourceClaimTemplateName } = claim;
    if (!name) errors.push(required(at.child('name')));
    else if (names.has(name)) errors.push(duplicate(at.child('name'), name));
    else complain(name, dns1123Label(name), at.child('name'), errors);
    names.add(name);
    if (resourceClaimName !== undefined && resourceClaimTemplateName !== undefined)
      errors.push(invalid(at, goClaim(claim), 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'));
    if (resourceClaimName === undefined && resourceClaimTemplateName === undefined)
      errors.push(invalid(at, goClaim(claim), 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'));
    for (const field of ['resourceClaimName', 'resourceClaimTemplateName'] as const) {
      const value = claim[field];
      if (value !== undefined) complain(value, dns1123Subdomain(value), at.child(field), errors);
    }
  });
}

/** Which of the Pod's claims a container uses. */
export function validateClaims(claims: readonly CoreV1ResourceClaim[], spec: PodSpec, path: FieldPath, errors: FieldError[]): void {
  const known = (spec.resourceClaims ?? []).flatMap(({ name }) => (name ? [name] : [])).sort();
  const seen = new Set<string>();
  claims.forEach(({ name, request = '' }, i) => {
    const at = path.index(i);
    if (!name) {
      errors.push(required(at));
    } else {
      if (request) complain(request, dns1123Label(request), at.child('request'), errors);
      const key = request ? `${name}/${request}` : name;
      if (seen.has(name)) errors.push(duplicate(at, name));
      else if (seen.has(key) || (!request && [...seen].some((other) => other.startsWith(`${name}/`)))) errors.push(duplicate(at, key));
      seen.add(key);
    }
    if (name && !known.includes(name)) {
      const which = known.length === 0 ? ' which is empty' : `: ${known.join(', ')}`;
      errors.push({ ...notFound(at, name), detail: `must be one of the names in pod.spec.resourceClaims${which}` });
    }
  });
}
