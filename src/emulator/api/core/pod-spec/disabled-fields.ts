/**
 * Fields of a Pod's spec behind feature gates that are off in v1.34: they are dropped without a word, as upstream drops them
 * (pkg/api/pod/util.go, dropDisabledFields). Those of volumes stand with the defaults of volumes.
 */
import { change, mapSame, without } from '../../fill.ts';
import type { Container, EnvVar, Lifecycle, PodSpec } from '../../generated/types.ts';

/** EnvFiles. */
const withoutFile = (variable: EnvVar): EnvVar => change(variable, 'valueFrom', (source) => without(source, 'fileKeyRef'));

/** ContainerStopSignals. A lifecycle of which nothing is left goes with it. */
function withoutStopSignal<T extends Container>(container: T): T {
  if (container.lifecycle?.stopSignal === undefined) return container;
  const lifecycle: Lifecycle = without(container.lifecycle, 'stopSignal');
  return lifecycle.postStart || lifecycle.preStop ? { ...container, lifecycle } : without(container, 'lifecycle');
}

function ofContainer<T extends Container>(container: T): T {
  const env = container.env && mapSame(container.env, withoutFile);
  const named = env === container.env ? container : { ...container, env };
  return withoutStopSignal(without(named, 'restartPolicyRules'));
}

/**
 * ContainerRestartRules: without it only sidecars have a restart policy of their own.
 * So it is dropped from the others, and not refused.
 */
const ofOrdinary = <T extends Container>(container: T): T => without(ofContainer(container), 'restartPolicy');
const ofInit = (container: Container): Container => (container.restartPolicy === 'Always' ? ofContainer(container) : ofOrdinary(container));

/** The spec without what no gate lets in; the same when there is nothing of the kind. */
export function withoutDisabledFields(spec: PodSpec): PodSpec {
  let result = without(spec, 'hostnameOverride');
  result = change(result, 'containers', (containers) => mapSame(containers, ofOrdinary));
  result = change(result, 'initContainers', (containers) => mapSame(containers, ofInit));
  return change(result, 'ephemeralContainers', (containers) => mapSame(containers, ofOrdinary));
}
