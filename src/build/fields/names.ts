/**
 * How a model of the client package is called here: without its version where that is unique, as upstream's Go type is.
 * Only models of generally available versions are taken; where a kind has several of them, the newest has the plain name.
 */

/** Models whose prefix stands for a package and not only for a version; those not listed keep their full name. */
const plainNames: Readonly<Record<string, string>> = {
  CoreV1Event: 'Event',
  CoreV1EventList: 'EventList',
  CoreV1EventSeries: 'EventSeries',
  CoreV1EndpointPort: 'EndpointPort',
  CoreV1ResourceClaim: 'CoreV1ResourceClaim',
  ResourceV1ResourceClaim: 'ResourceClaim',
  RbacV1Subject: 'Subject',
  AuthenticationV1TokenRequest: 'TokenRequest',
};

/** Left over from older versions in the package: nothing refers to them. */
const stale = new Set(['V1ResourceClaim', 'V1ClaimSource']);

export function isTaken(model: string): boolean {
  return !/^V\d+(alpha|beta)\d+/.test(model) && !stale.has(model) && !/^(all|ObjectSerializer)$/.test(model);
}

/** `has` tells whether the package has a model. */
export function nameOf(model: string, has: (model: string) => boolean): string {
  const plain = plainNames[model];
  if (plain) return plain;
  const versioned = /^V(\d+)([A-Z].*)$/.exec(model);
  if (!versioned) return model;
  const [, version, rest] = versioned as unknown as [string, string, string];
  return has(`V${Number(version) + 1}${rest}`) ? model : rest;
}
