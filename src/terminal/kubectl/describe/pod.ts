/** A Pod. Upstream: describePod. */
import type { Json } from '../json.ts';
import { describeContainers, describeResources } from './containers.ts';
import type { Page } from './page.ts';
import { controllerOf, longTime } from './page.ts';
import { writeSpreadConstraints } from './pod-template.ts';
import { describeVolumes } from './volumes.ts';

export function writePod(page: Page, pod: Json): void {
  const { metadata, spec, status = {} } = pod;
  header(page, pod);
  const profile = spec.securityContext?.seccompProfile;
  if (profile) page.field(0, 'SeccompProfile', profile.type);
  if (profile?.type === 'Localhost') page.field(0, 'LocalhostProfile', profile.localhostProfile);
  page.field(0, 'IP', status.podIP ?? '');
  if ((status.podIPs ?? []).length === 0) page.line(0, 'IPs:\t<none>');
  else page.line(0, `IPs:\n${status.podIPs.map((one: Json) => `  IP:\t${one.ip}`).join('\n')}`);
  const controller = controllerOf(pod);
  if (controller) page.field(0, 'Controlled By', controller);
  if (status.nominatedNodeName) page.field(0, 'NominatedNodeName', status.nominatedNodeName);
  if (spec.resources) {
    page.line(0, 'Resources:');
    describeResources(page, spec.resources, 1);
  }
  const groups = [
    ['Init Containers', spec.initContainers, status.initContainerStatuses],
    ['Containers', spec.containers, status.containerStatuses],
    ['Ephemeral Containers', spec.ephemeralContainers, status.ephemeralContainerStatuses],
  ] as const;
  for (const [title, containers, statuses] of groups) {
    if (containers?.length > 0) describeContainers(page, { title, containers, statuses, space: '', pod });
  }
  if (spec.readinessGates?.length > 0) {
    page.line(0, 'Readiness Gates:\n  Type\tStatus');
    for (const gate of spec.readinessGates)
      page.line(
        1,
        `${gate.conditionType} \t${status.conditions?.find((one: Json) => one.type === gate.conditionType)?.status ?? '<none>'} `,
      );
  }
  if (status.conditions?.length > 0) {
    page.line(0, 'Conditions:\n  Type\tStatus');
    for (const condition of status.conditions) page.line(1, `${condition.type} \t${condition.status} `);
  }
  describeVolumes(page, spec.volumes, '');
  page.field(0, 'QoS Class', status.qosClass ?? qosOf(metadata, spec));
  page.labels('Node-Selectors', spec.nodeSelector);
  page.tolerations('Tolerations', spec.tolerations);
  writeSpreadConstraints(page, spec.topologySpreadConstraints, '');
}

function header(page: Page, pod: Json): void {
  const { metadata, spec, status = {} } = pod;
  page.field(0, 'Name', metadata.name);
  page.field(0, 'Namespace', metadata.namespace);
  if (spec.priority !== undefined) page.field(0, 'Priority', spec.priority);
  if (spec.priorityClassName) page.field(0, 'Priority Class Name', spec.priorityClassName);
  if (spec.runtimeClassName) page.field(0, 'Runtime Class Name', spec.runtimeClassName);
  if (spec.serviceAccountName) page.field(0, 'Service Account', spec.serviceAccountName);
  page.field(0, 'Node', spec.nodeName ? `${spec.nodeName}/${status.hostIP ?? ''}` : '<none>');
  if (status.startTime) page.field(0, 'Start Time', longTime(status.startTime));
  page.labels('Labels', metadata.labels);
  page.annotations('Annotations', metadata.annotations);
  if (metadata.deletionTimestamp && status.phase !== 'Failed' && status.phase !== 'Succeeded') {
    page.field(0, 'Status', `Terminating (lasts ${page.since(metadata.deletionTimestamp)})`);
    page.field(0, 'Termination Grace Period', `${metadata.deletionGracePeriodSeconds}s`);
  } else page.field(0, 'Status', status.phase ?? '');
  if (status.reason) page.field(0, 'Reason', status.reason);
  if (status.message) page.field(0, 'Message', status.message);
}

/** The class of a Pod whose status does not say it yet: by what its containers ask for. */
function qosOf(_metadata: Json, spec: Json): string {
  const containers: readonly Json[] = [...spec.containers, ...(spec.initContainers ?? [])];
  const names = ['cpu', 'memory'];
  const asks = containers.some((one) =>
    names.some((name) => one.resources?.requests?.[name] !== undefined || one.resources?.limits?.[name] !== undefined),
  );
  if (!asks) return 'BestEffort';
  const isGuaranteed = containers.every((one) =>
    names.every(
      (name) =>
        one.resources?.limits?.[name] !== undefined &&
        one.resources.limits[name] === (one.resources.requests?.[name] ?? one.resources.limits[name]),
    ),
  );
  return isGuaranteed ? 'Guaranteed' : 'Burstable';
}
