/** Containers in a description. Upstream: describeContainers and what it calls. */
import { milliValue, quantityValue } from '../../../emulator/machinery/quantity.ts';
import type { Json } from '../json.ts';
import type { Page } from './page.ts';
import { longTime, titleCase } from './page.ts';

interface ContainerOptions {
  readonly title: string;
  readonly containers: readonly Json[];
  readonly statuses?: readonly Json[] | undefined;
  /** Put before the title: a template is indented. */
  readonly space: string;
  /** The Pod, whose fields environment variables may show. */
  readonly pod?: Json;
}

export function describeContainers(page: Page, { title, containers, statuses, space, pod }: ContainerOptions): void {
  page.line(0, `${space}${title}:${containers.length === 0 ? ' <none>' : ''}`);
  for (const container of containers) {
    const status = statuses?.find((one) => one.name === container.name);
    basics(page, container, status, space);
    for (const [name, words] of [
      ['Command', container.command],
      ['Args', container.args],
    ]) {
      if (!words?.length) continue;
      page.line(2, `${name}:`);
      for (const word of words) for (const part of (word as string).split('\n')) page.line(3, part);
    }
    if (status) state(page, status);
    describeResources(page, container.resources, 2);
    for (const [name, probe] of [
      ['Liveness', container.livenessProbe],
      ['Readiness', container.readinessProbe],
      ['Startup', container.startupProbe],
    ]) {
      if (probe) page.field(2, name, probeText(probe));
    }
    if (container.envFrom?.length > 0) environmentFrom(page, container.envFrom);
    environment(page, container, pod);
    mounts(page, container);
  }
}

function basics(page: Page, container: Json, status: Json, space: string): void {
  page.line(1, `${space === '' ? '' : ' '}${container.name}:`);
  if (status) page.field(2, 'Container ID', status.containerID);
  page.field(2, 'Image', container.image);
  if (status) page.field(2, 'Image ID', status.imageID);
  const ports: readonly Json[] = container.ports ?? [];
  const portTexts = ports.map((port) => `${port.containerPort}/${port.protocol ?? 'TCP'}${port.name ? ` (${port.name})` : ''}`);
  const hostTexts = ports.map((port) => `${port.hostPort ?? 0}/${port.protocol ?? 'TCP'}${port.name ? ` (${port.name})` : ''}`);
  page.field(2, portTexts.length > 1 ? 'Ports' : 'Port', portTexts.join(', ') || '<none>');
  page.field(2, hostTexts.length > 1 ? 'Host Ports' : 'Host Port', hostTexts.join(', ') || '<none>');
  const profile = container.securityContext?.seccompProfile;
  if (profile) page.field(2, 'SeccompProfile', profile.type);
  if (profile?.type === 'Localhost') page.field(3, 'LocalhostProfile', profile.localhostProfile);
}

function state(page: Page, status: Json): void {
  stateLines(page, 'State', status.state ?? {});
  if (status.lastState?.terminated) stateLines(page, 'Last State', status.lastState);
  page.field(2, 'Ready', titleCase(status.ready));
  page.field(2, 'Restart Count', status.restartCount);
}

function stateLines(page: Page, name: string, { running, waiting, terminated }: Json): void {
  if (running) {
    page.field(2, name, 'Running');
    page.field(3, 'Started', longTime(running.startedAt));
  } else if (terminated) {
    page.field(2, name, 'Terminated');
    if (terminated.reason) page.field(3, 'Reason', terminated.reason);
    if (terminated.message) page.field(3, 'Message', terminated.message);
    page.field(3, 'Exit Code', terminated.exitCode);
    if (terminated.signal > 0) page.field(3, 'Signal', terminated.signal);
    page.field(3, 'Started', longTime(terminated.startedAt));
    page.field(3, 'Finished', longTime(terminated.finishedAt));
  } else {
    page.field(2, name, 'Waiting');
    if (waiting?.reason) page.field(3, 'Reason', waiting.reason);
  }
}

export function describeResources(page: Page, resources: Json, level: number): void {
  for (const [title, list] of [
    ['Limits', resources?.limits],
    ['Requests', resources?.requests],
  ]) {
    const names = Object.keys(list ?? {}).sort();
    if (names.length > 0) page.line(level, `${title}:`);
    for (const name of names) page.field(level + 1, name, list[name]);
  }
}

function probeText(probe: Json): string {
  const attributes = `delay=${probe.initialDelaySeconds ?? 0}s timeout=${probe.timeoutSeconds ?? 0}s period=${probe.periodSeconds ?? 0}s #success=${probe.successThreshold ?? 0} #failure=${probe.failureThreshold ?? 0}`;
  if (probe.exec) return `exec [${(probe.exec.command ?? []).join(' ')}] ${attributes}`;
  if (probe.httpGet) {
    const { scheme, host = '', port, path = '' } = probe.httpGet;
    return `http-get ${(scheme ?? '').toLowerCase()}${scheme ? '://' : '//'}${host}:${port}${path === '' || path.startsWith('/') ? path : `/${path}`} ${attributes}`;
  }
  if (probe.tcpSocket) return `tcp-socket ${probe.tcpSocket.host ?? ''}:${probe.tcpSocket.port} ${attributes}`;
  if (probe.grpc) return `grpc <pod>:${probe.grpc.port} ${probe.grpc.service ?? ''} ${attributes}`;
  return `unknown ${attributes}`;
}

function environmentFrom(page: Page, sources: readonly Json[]): void {
  page.line(2, 'Environment Variables from:');
  for (const source of sources) {
    const [kind, reference] = source.configMapRef ? ['ConfigMap', source.configMapRef] : ['Secret', source.secretRef];
    const prefix = source.prefix ? ` with prefix '${source.prefix}'` : '';
    page.line(3, `${reference?.name ?? ''}\t${kind}${prefix}\tOptional: ${reference?.optional ?? false}`);
  }
}

function environment(page: Page, container: Json, pod: Json): void {
  const variables: readonly Json[] = container.env ?? [];
  page.line(2, `Environment:${variables.length === 0 ? '\t<none>' : ''}`);
  for (const variable of variables) {
    const { valueFrom, name } = variable;
    if (!valueFrom) page.field(3, name, (variable.value ?? '').split('\n').join('\n      \t'));
    else if (valueFrom.fieldRef)
      page.field(
        3,
        name,
        `${fieldValue(pod, valueFrom.fieldRef.fieldPath)} (${valueFrom.fieldRef.apiVersion ?? 'v1'}:${valueFrom.fieldRef.fieldPath})`,
      );
    else if (valueFrom.resourceFieldRef) page.field(3, name, resourceValue(container, valueFrom.resourceFieldRef));
    else if (valueFrom.secretKeyRef) {
      const { key, name: secret, optional = false } = valueFrom.secretKeyRef;
      page.field(3, name, `<set to the key '${key}' in secret '${secret}'>\tOptional: ${optional}`);
    } else if (valueFrom.configMapKeyRef) {
      const { key, name: configMap, optional = false } = valueFrom.configMapKeyRef;
      page.field(3, name, `<set to the key '${key}' of config map '${configMap}'>\tOptional: ${optional}`);
    }
  }
}

/** Only metadata can be shown; upstream does not look into spec and status here. */
function fieldValue(pod: Json, path: string): string {
  if (!pod || !path.startsWith('metadata.')) return '';
  const subscript = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (subscript) return pod.metadata[subscript[1]!]?.[subscript[2]!] ?? '';
  const value = pod.metadata[path.slice('metadata.'.length)];
  return typeof value === 'string' ? value : '';
}

/** An amount in units of the divisor, rounded up. */
function resourceValue(container: Json, { resource, divisor = '1' }: Json): string {
  const [list, name] = resource.split('.') as [string, string];
  const amount: string = container.resources?.[list]?.[name] ?? '0';
  const of = name === 'cpu' ? milliValue : quantityValue;
  const value = String(Math.ceil(of(amount) / (of(divisor === '0' ? '1' : divisor) || 1)));
  return `${value === '0' && list === 'limits' ? 'node allocatable' : value} (${resource})`;
}

function mounts(page: Page, container: Json): void {
  const sorted: readonly Json[] = [...(container.volumeMounts ?? [])].sort((a, b) => (a.mountPath < b.mountPath ? -1 : 1));
  page.line(2, `Mounts:${sorted.length === 0 ? '\t<none>' : ''}`);
  for (const mount of sorted) {
    const flags = [mount.readOnly ? 'ro' : 'rw', ...(mount.subPath ? [`path=${JSON.stringify(mount.subPath)}`] : [])];
    page.line(3, `${mount.mountPath} from ${mount.name} (${flags.join(',')})`);
  }
}
