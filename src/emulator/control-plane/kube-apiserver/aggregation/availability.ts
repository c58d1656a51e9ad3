/** Whether a far API server can be used, and what it serves. Upstream: kube-aggregator/pkg/controllers/status/remote. */
import type { APIService, EndpointSlice, Service } from '../../../api/generated/types.ts';
import { defineKind } from '../../../api/define-kind.ts';
import type { Kind, Verb } from '../../../api/kind.ts';
import type { Call } from '../../../kernel/index.ts';
import { callServer, CallError, jsonBody, originOf } from '../outbound/service-client.ts';
import type { Callee } from '../outbound/service-client.ts';
import type { Resource } from '../registry.ts';
import type { ApiServer } from '../server.ts';
import { userHeaders } from './user-headers.ts';

/** The condition Available to be, and the resources when it is True. */
export interface Availability {
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
  readonly resources?: readonly Resource[];
}

/** One entry of an APIResourceList. */
interface Listed {
  readonly name: string;
  readonly singularName?: string;
  readonly namespaced: boolean;
  readonly kind: string;
  readonly verbs: readonly Verb[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
}

const timeoutMs = 5000;
const aggregatorUser = { name: 'system:kube-aggregator', groups: ['system:masters'] };

/** Looks at the Service, its endpoints and the discovery document. */
export function* checkAvailability(server: ApiServer, apiService: APIService, callee: Callee): Call<Availability> {
  const missing = serviceProblem(server, apiService);
  if (missing) return missing;
  const { group, version } = apiService.spec;
  const target = `/apis/${group}/${version}`;
  const url = `${originOf(callee)}${target}`;
  const failed = (why: string): Availability => ({
    status: 'False',
    reason: 'FailedDiscoveryCheck',
    message: `failing or missing response from ${url}: ${why}`,
  });
  try {
    const headers = { accept: 'application/json', ...userHeaders(aggregatorUser) };
    const answer = yield* callServer(server, { ...callee, isInsecure: true }, { method: 'GET', target, headers }, timeoutMs);
    if (answer.status < 200 || answer.status >= 300) return failed(`bad status from ${url}: ${answer.status}`);
    const list = (yield* jsonBody(server, answer)) as { readonly resources?: readonly Listed[] } | undefined;
    const resources = resourcesOf(group!, version!, list?.resources ?? []);
    return { status: 'True', reason: 'Passed', message: 'all checks passed', resources };
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    return failed(`Get "${url}": ${error.message}`);
  }
}

function serviceProblem(server: ApiServer, { spec }: APIService): Availability | undefined {
  const { namespace = '', name = '', port: wanted } = spec.service!;
  const no = (reason: string, message: string): Availability => ({ status: 'False', reason, message });
  const service = server.store('services').get(namespace, name) as Service | undefined;
  if (!service) return no('ServiceNotFound', `service/${name} in "${namespace}" is not present`);
  if (service.spec?.type !== 'ClusterIP') return undefined;
  const port = service.spec.ports?.find((candidate) => candidate.port === wanted);
  if (!port) return no('ServicePortError', `service/${name} in "${namespace}" is not listening on port ${wanted}`);
  const slices = server
    .store('endpointslices', 'discovery.k8s.io/v1')
    .list(namespace)
    .map(({ value }) => value as EndpointSlice)
    .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name);
  if (slices.length === 0) return no('EndpointsNotFound', `cannot find endpointslices for service/${name} in "${namespace}"`);
  const portName = port.name ?? '';
  const isUp = slices.some(
    ({ endpoints, ports }) =>
      (endpoints ?? []).some(({ conditions }) => conditions?.ready !== false) &&
      ports?.some((candidate) => (candidate.name ?? '') === portName && candidate.port !== undefined),
  );
  if (isUp) return undefined;
  return no('MissingEndpoints', `endpointslices for service/${name} in "${namespace}" have no addresses with port name "${portName}"`);
}

function resourcesOf(group: string, version: string, listed: readonly Listed[]): readonly Resource[] {
  return listed
    .filter(({ name }) => !name.includes('/'))
    .map(({ name, singularName, namespaced, kind, verbs, shortNames, categories }): Resource => {
      const subresources: Record<string, { readonly verbs: readonly Verb[]; readonly kind: string }> = {};
      for (const sub of listed)
        if (sub.name.startsWith(`${name}/`)) subresources[sub.name.slice(name.length + 1)] = { verbs: sub.verbs, kind: sub.kind };
      const descriptor: Kind = defineKind({
        group,
        version,
        kind,
        resource: name,
        singular: singularName ?? '',
        shortNames: shortNames ?? [],
        categories: categories ?? [],
        isNamespaced: namespaced,
        verbs,
        subresources,
        isCustom: true,
      });
      return { group, version, kind, resource: name, apiVersion: `${group}/${version}`, descriptor, store: undefined, isRemote: true };
    });
}
