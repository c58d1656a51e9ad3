/** A container's environment variables (upstream pkg/kubelet/kubelet_pods.go, makeEnvironmentVariables, and pkg/kubelet/envvars). */
import type { ConfigMap, Container, EnvFromSource, EnvVar, Pod, Secret, Service } from '../../api/generated/types.ts';
import type { Call } from '../../kernel/index.ts';
import { fromBase64, textOf } from '../../kernel/index.ts';
import type { NodeResources } from './downward-api.ts';
import { fieldValue, resourceValue } from './downward-api.ts';
import { ContainerStartError } from './start-error.ts';
import { hostPort } from '../../machinery/ipv6.ts';

/** Where ConfigMaps and Secrets come from; undefined means that there is none of the name. */
export interface EnvironmentSources {
  configMap(namespace: string, name: string): Call<ConfigMap | undefined>;
  secret(namespace: string, name: string): Call<Secret | undefined>;
  /** Variables of the Services that a Pod of the namespace sees. */
  serviceVariables(namespace: string, links: boolean): ReadonlyMap<string, string>;
  readonly node: NodeResources;
}

export interface PodAddresses {
  readonly podIPs: readonly string[];
  readonly hostIPs: readonly string[];
}

const configError = (message: string): ContainerStartError => new ContainerStartError('CreateContainerConfigError', message);

/** The variables that the Pod gives a container. Throws a `ContainerStartError` when a source is missing. */
export function* makeEnvironment(
  sources: EnvironmentSources,
  pod: Pod,
  container: Container,
  addresses: PodAddresses,
): Call<ReadonlyMap<string, string>> {
  const services = sources.serviceVariables(pod.metadata.namespace ?? '', pod.spec.enableServiceLinks ?? true);
  if (!container.env?.length && !container.envFrom?.length) return services;
  const result = new Map<string, string>();
  for (const from of container.envFrom ?? []) yield* addAll(sources, pod, from, result);
  const own = new Map<string, string>();
  for (const variable of container.env ?? []) {
    const value = variable.valueFrom
      ? yield* valueFrom(sources, pod, container, variable, addresses)
      : expandVariables(variable.value ?? '', (name) => own.get(name) ?? result.get(name) ?? services.get(name));
    if (value === undefined) continue;
    own.set(variable.name, value);
    result.set(variable.name, value);
  }
  for (const [name, value] of services) if (!result.has(name)) result.set(name, value);
  return result;
}

/** `$(NAME)` becomes its value if there is one; `$$` is a dollar sign (third_party/forked/golang/expansion). */
export function expandVariables(text: string, lookUp: (name: string) => string | undefined): string {
  if (!text.includes('$')) return text;
  return text.replace(/\$\$|\$\(([^)]*)\)/g, (found, name: string | undefined) => (found === '$$' ? '$' : (lookUp(name!) ?? found)));
}

function* addAll(sources: EnvironmentSources, pod: Pod, from: EnvFromSource, result: Map<string, string>): Call<void> {
  const namespace = pod.metadata.namespace ?? '';
  const { prefix = '', configMapRef, secretRef } = from;
  if (configMapRef) {
    const found = yield* sources.configMap(namespace, configMapRef.name ?? '');
    if (!found && !configMapRef.optional) throw configError(`configmap ${JSON.stringify(configMapRef.name)} not found`);
    for (const [name, value] of Object.entries(found?.data ?? {})) result.set(prefix + name, value);
  }
  if (secretRef) {
    const found = yield* sources.secret(namespace, secretRef.name ?? '');
    if (!found && !secretRef.optional) throw configError(`secret ${JSON.stringify(secretRef.name)} not found`);
    for (const [name, value] of Object.entries(found?.data ?? {})) result.set(prefix + name, textOf(fromBase64(value)!));
  }
}

function* valueFrom(
  sources: EnvironmentSources,
  pod: Pod,
  container: Container,
  variable: EnvVar,
  addresses: PodAddresses,
): Call<string | undefined> {
  const namespace = pod.metadata.namespace ?? '';
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = variable.valueFrom!;
  if (fieldRef) return fieldValue(pod, fieldRef.fieldPath, addresses) ?? '';
  if (resourceFieldRef) return resourceValue(pod, container, resourceFieldRef, sources.node);
  if (configMapKeyRef) {
    const { name = '', key, optional } = configMapKeyRef;
    const found = yield* sources.configMap(namespace, name);
    if (!found && !optional) throw configError(`configmap ${JSON.stringify(name)} not found`);
    const value = found?.data?.[key];
    if (found && value === undefined && !optional) throw configError(`couldn't find key ${key} in ConfigMap ${namespace}/${name}`);
    return value;
  }
  if (secretKeyRef) {
    const { name = '', key, optional } = secretKeyRef;
    const found = yield* sources.secret(namespace, name);
    if (!found && !optional) throw configError(`secret ${JSON.stringify(name)} not found`);
    const value = found?.data?.[key];
    if (found && value === undefined && !optional) throw configError(`couldn't find key ${key} in Secret ${namespace}/${name}`);
    return value === undefined ? undefined : textOf(fromBase64(value)!);
  }
  return undefined;
}

/** Docker-link style variables of one Service: NAME_SERVICE_HOST, NAME_PORT_80_TCP_ADDR … */
export function addServiceVariables(service: Service, into: Map<string, string>): void {
  const { clusterIP, ports = [] } = service.spec ?? {};
  if (!clusterIP || clusterIP === 'None' || ports.length === 0) return;
  const prefix = service.metadata.name.toUpperCase().replaceAll('-', '_');
  into.set(`${prefix}_SERVICE_HOST`, clusterIP);
  into.set(`${prefix}_SERVICE_PORT`, String(ports[0]!.port));
  for (const { name, port } of ports) if (name) into.set(`${prefix}_SERVICE_PORT_${name.toUpperCase().replaceAll('-', '_')}`, String(port));
  ports.forEach(({ port, protocol = 'TCP' }, i) => {
    const lower = protocol.toLowerCase();
    const url = `${lower}://${hostPort(clusterIP, port)}`;
    const base = `${prefix}_PORT_${port}_${protocol.toUpperCase()}`;
    if (i === 0) into.set(`${prefix}_PORT`, url);
    into.set(base, url);
    into.set(`${base}_PROTO`, lower);
    into.set(`${base}_PORT`, String(port));
    into.set(`${base}_ADDR`, clusterIP);
  });
}
