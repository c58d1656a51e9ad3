/**
 * Default values of a Pod's spec: SetDefaults_PodSpec and SetDefaults_Pod of pkg/apis/core/v1/defaults.go.
 *
 * Every spec is finished once, by identity: all Pods of one template share the finished spec, its containers and volumes.
 */
import { change, fill, mapSame, onceByIdentity } from '../../fill.ts';
import type { Container, PodSpec, PodTemplateSpec } from '../../generated/types.ts';
import { withoutDisabledFields } from './disabled-fields.ts';
import { canonicalQuantities, defaultContainer, defaultResources, requestsFromLimits } from './container-defaults.ts';
import { withPodRequests } from './pod-resources.ts';
import { defaultVolume } from './volume-defaults.ts';

function finishPodSpec(given: PodSpec): PodSpec {
  const spec = withoutDisabledFields(given);
  // Both names of the account are kept equal: an older client reads the one, a newer one the other.
  const account = spec.serviceAccountName || spec.serviceAccount;
  let result = fill(spec, {
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
  });
  if (account && (spec.serviceAccountName !== account || spec.serviceAccount !== account)) {
    result = { ...result, serviceAccountName: account, serviceAccount: account };
  }
  result = change(result, 'containers', (containers) => mapSame(containers, defaultContainer));
  result = change(result, 'initContainers', (containers) => mapSame(containers, defaultContainer));
  result = change(result, 'ephemeralContainers', (containers) =>
    mapSame(containers, (container) => defaultContainer(container) as typeof container),
  );
  result = change(result, 'volumes', (volumes) => mapSame(volumes, defaultVolume));
  result = change(result, 'overhead', canonicalQuantities);
  return change(result, 'resources', defaultResources);
}

/** Defaults of the spec inside a template. */
export const defaultTemplatePodSpec: (spec: PodSpec) => PodSpec = onceByIdentity(finishPodSpec);

/** Ports of a Pod in the node's network are the node's ports. */
function hostPorts(container: Container): Container {
  return change(container, 'ports', (ports) =>
    mapSame(ports, (port) => (port.hostPort ? port : { ...port, hostPort: port.containerPort })),
  );
}

function finishOwnPodSpec(spec: PodSpec): PodSpec {
  let result = fill(defaultTemplatePodSpec(spec), { enableServiceLinks: true });
  const finishContainers = (containers: readonly Container[]): readonly Container[] =>
    mapSame(containers, (container) => {
      const requested = requestsFromLimits(container);
      return result.hostNetwork ? hostPorts(requested) : requested;
    });
  result = change(result, 'containers', finishContainers);
  return withPodRequests(change(result, 'initContainers', finishContainers));
}

/** Defaults of a Pod's own spec: those of a template, and what only Pods get. */
export const defaultPodSpec: (spec: PodSpec) => PodSpec = onceByIdentity(finishOwnPodSpec);

/** Defaults of a template. */
export function defaultTemplate(template: PodTemplateSpec): PodTemplateSpec {
  return change(template, 'spec', defaultTemplatePodSpec);
}
