/** Default values of containers: SetDefaults_Container, …Probe, …HTTPGetAction and …ResourceList of pkg/apis/core/v1/defaults.go. */
import { canonicalQuantity, quantityComplaint } from '../../../machinery/quantity.ts';
import { change, fill, fillZero, mapSame } from '../../fill.ts';
import type { Container, EnvVar, HTTPGetAction, Lifecycle, LifecycleHandler, Probe, ResourceRequirements } from '../../generated/types.ts';

type Quantities = Readonly<Record<string, string>>;

/** Quantities in the form in which they are stored; one that cannot be read is left for validation to refuse. */
export function canonicalQuantities(quantities: Quantities): Quantities {
  let result: Record<string, string> | undefined;
  for (const name in quantities) {
    const value = quantities[name]!;
    if (quantityComplaint(value) !== undefined) continue;
    const text = canonicalQuantity(value);
    if (text !== value) (result ??= { ...quantities })[name] = text;
  }
  return result ?? quantities;
}

/** Limits and requests in canonical form. */
export function defaultResources(resources: ResourceRequirements): ResourceRequirements {
  return change(change(resources, 'limits', canonicalQuantities), 'requests', canonicalQuantities);
}

/** Requests that are absent become the limits: only for Pods, not for templates. */
export function requestsFromLimits(container: Container): Container {
  const { limits, requests } = container.resources ?? {};
  if (!limits) return container;
  const missing = Object.keys(limits).filter((name) => requests?.[name] === undefined);
  if (missing.length === 0) return container;
  const filled = { ...requests };
  for (const name of missing) filled[name] = limits[name]!;
  return { ...container, resources: { ...container.resources, requests: filled } };
}

/** The tag of an image, `latest` when it names neither tag nor digest. */
function tagOf(image: string): string {
  const [name, digest] = image.split('@') as [string, string?];
  const colon = name.lastIndexOf(':');
  if (colon > name.lastIndexOf('/')) return name.slice(colon + 1);
  return digest === undefined && /^[a-z0-9]/.test(image) ? 'latest' : '';
}

const defaultHttpGet = (action: HTTPGetAction): HTTPGetAction => fill(action, { path: '/', scheme: 'HTTP' });

function defaultProbe(probe: Probe): Probe {
  const timed = fillZero(probe, { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 });
  const checked = change(timed, 'httpGet', defaultHttpGet);
  return change(checked, 'grpc', (action) => fill(action, { service: '' }));
}

const defaultHandler = (handler: LifecycleHandler): LifecycleHandler => change(handler, 'httpGet', defaultHttpGet);
const defaultLifecycle = (lifecycle: Lifecycle): Lifecycle =>
  change(change(lifecycle, 'postStart', defaultHandler), 'preStop', defaultHandler);

function defaultEnvVar(variable: EnvVar): EnvVar {
  return change(variable, 'valueFrom', (source) => {
    const named = change(source, 'fieldRef', (reference) => fill(reference, { apiVersion: 'v1' }));
    return change(named, 'resourceFieldRef', (reference) => {
      if (reference.divisor === undefined) return { ...reference, divisor: '0' };
      const text = quantityComplaint(reference.divisor) === undefined ? canonicalQuantity(reference.divisor) : reference.divisor;
      return text === reference.divisor ? reference : { ...reference, divisor: text };
    });
  });
}

/** Any container: ordinary, init or ephemeral. */
export function defaultContainer(container: Container): Container {
  let result = fill(container, {
    imagePullPolicy: tagOf(container.image ?? '') === 'latest' ? 'Always' : 'IfNotPresent',
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  });
  result = change(result, 'resources', defaultResources);
  result = change(result, 'ports', (ports) => mapSame(ports, (port) => fill(port, { protocol: 'TCP' })));
  result = change(result, 'env', (env) => mapSame(env, defaultEnvVar));
  result = change(change(change(result, 'livenessProbe', defaultProbe), 'readinessProbe', defaultProbe), 'startupProbe', defaultProbe);
  return change(result, 'lifecycle', defaultLifecycle);
}
