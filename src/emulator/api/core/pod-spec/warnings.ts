/**
 * Warnings about a Pod's spec: pkg/api/pod/warnings.go, and those for fields without effect. A spec is looked at once for
 * each place where it stands, by identity.
 */
import type { FieldPath } from '../../../machinery/field-error.ts';
import { quote } from '../../../machinery/go-quote.ts';
import { parseQuantity, quantityComplaint } from '../../../machinery/quantity.ts';
import type { Container, NodeSelectorTerm, PodSpec } from '../../generated/types.ts';
import { unsimulatedFields } from './unsimulated.ts';
import type { SpecPlace } from './validation.ts';
import { bySpecPlace, specPaths } from './validation.ts';

const deprecatedNodeLabels: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
};

/** Storage that Kubernetes once knew how to mount. */
export const deprecatedVolumes: Readonly<Record<string, string>> = {
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  gitRepo: 'deprecated in v1.11, and disabled by default in v1.33+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
};

type Warn = (path: FieldPath, text: string) => void;

/** Warns of labels of nodes that have newer names. */
export function warnNodeTerm(term: NodeSelectorTerm, path: FieldPath, warn: Warn): void {
  (term.matchExpressions ?? []).forEach(({ key }, i) => {
    const message = deprecatedNodeLabels[key];
    if (message) warn(path.child('matchExpressions').index(i).child('key'), `${key} is ${message}`);
  });
}

function warnScheduling(spec: PodSpec, path: FieldPath, warn: Warn): void {
  for (const key in spec.nodeSelector) {
    const message = deprecatedNodeLabels[key];
    if (message) warn(path.child('nodeSelector').key(key), message);
  }
  const { requiredDuringSchedulingIgnoredDuringExecution: hard, preferredDuringSchedulingIgnoredDuringExecution: soft } =
    spec.affinity?.nodeAffinity ?? {};
  const at = path.child('affinity', 'nodeAffinity');
  const terms = at.child('requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms');
  (hard?.nodeSelectorTerms ?? []).forEach((term, i) => {
    warnNodeTerm(term, terms.index(i), warn);
  });
  (soft ?? []).forEach(({ preference }, i) => {
    warnNodeTerm(preference, at.child('preferredDuringSchedulingIgnoredDuringExecution').index(i).child('preference'), warn);
  });
  (spec.topologySpreadConstraints ?? []).forEach(({ topologyKey, labelSelector }, i) => {
    const constraint = path.child('topologySpreadConstraints').index(i);
    const message = deprecatedNodeLabels[topologyKey];
    if (message) warn(constraint.child('topologyKey'), `${topologyKey} is ${message}`);
    if (!labelSelector) warn(constraint.child('labelSelector'), 'a null labelSelector results in matching no pod');
  });
}

function warnDuplicates(values: readonly string[], word: string, pathOf: (index: number) => FieldPath, warn: Warn): void {
  values.forEach((value, i) => {
    if (values.indexOf(value) < i) warn(pathOf(i), `duplicate ${word} ${quote(value)}`);
  });
}

function warnFractions(amounts: Readonly<Record<string, string>> | undefined, path: FieldPath, warn: Warn): void {
  for (const name of ['memory', 'ephemeral-storage']) {
    const text = amounts?.[name];
    if (text === undefined || quantityComplaint(text) !== undefined) continue;
    const quantity = parseQuantity(text);
    if (quantity.nanos % 1_000_000_000n !== 0n)
      warn(path.key(name), `fractional byte value ${quote(quantity.text)} is invalid, must be an integer`);
  }
}

function warnContainer(container: Container, path: FieldPath, warn: Warn): void {
  warnFractions(container.resources?.limits, path.child('resources', 'limits'), warn);
  warnFractions(container.resources?.requests, path.child('resources', 'requests'), warn);
  const names = new Set<string>();
  (container.env ?? []).forEach(({ name, value = '', valueFrom }, i) => {
    const reference = `$(${name})`;
    // X=abc followed by X=$(X)123 builds on what was there; anything else hides it.
    const hides = valueFrom !== undefined || value === reference || !value.includes(reference);
    if (names.has(name) && hides)
      warn(path.child('env').index(i), `hides previous definition of ${quote(name)}, which may be dropped when using apply`);
    names.add(name);
  });
}

function warnPorts(spec: PodSpec, path: FieldPath, warn: Warn): void {
  const seen: { readonly path: FieldPath; readonly key: string; readonly hostPort: number; readonly hostIP: string }[] = [];
  for (const list of ['initContainers', 'containers'] as const) {
    (spec[list] ?? []).forEach((container, i) => {
      (container.ports ?? []).forEach(({ containerPort, protocol, hostPort = 0, hostIP = '' }, j) => {
        const at = path.child(list).index(i).child('ports').index(j);
        const key = `${containerPort}/${protocol}`;
        for (const other of seen) {
          if (other.key !== key) continue;
          if (other.hostIP === hostIP && other.hostPort === hostPort) warn(at, `duplicate port definition with ${other.path}`);
          else if (hostPort === 0 || other.hostPort === 0 || (hostPort === other.hostPort && (hostIP === '' || other.hostIP === ''))) {
            warn(at, `overlapping port definition with ${other.path}`);
          }
        }
        seen.push({ path: at, key, hostPort, hostIP });
      });
    });
  }
}

function collect(spec: PodSpec, path: FieldPath): readonly string[] {
  const warnings: string[] = [];
  const warn: Warn = (at, text) => warnings.push(`${at}: ${text}`);
  warnScheduling(spec, path, warn);
  (spec.volumes ?? []).forEach((volume, i) => {
    for (const name in volume) if (deprecatedVolumes[name]) warn(path.child('volumes').index(i).child(name), deprecatedVolumes[name]);
  });
  warnDuplicates(
    (spec.hostAliases ?? []).map(({ ip }) => ip),
    'ip',
    (i) => path.child('hostAliases').index(i).child('ip'),
    warn,
  );
  const secrets = (spec.imagePullSecrets ?? []).map(({ name = '' }) => name);
  warnDuplicates(secrets, 'name', (i) => path.child('imagePullSecrets').index(i).child('name'), warn);
  secrets.forEach((name, i) => {
    if (name === '') warn(path.child('imagePullSecrets').index(i).child('name'), 'invalid empty name ""');
  });
  for (const list of ['initContainers', 'containers'] as const) {
    (spec[list] ?? []).forEach((container, i) => {
      warnContainer(container, path.child(list).index(i), warn);
    });
  }
  warnPorts(spec, path, warn);
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0)
    warn(path.child('terminationGracePeriodSeconds'), 'must be >= 0; negative values are invalid and will be treated as 1');
  return [...warnings, ...unsimulatedFields(spec, path)];
}

const known = bySpecPlace<readonly string[]>();
const none: readonly string[] = [];

/** Warnings for a spec that a client sent; none when an update leaves it as it was. */
export function podSpecWarnings(spec: PodSpec | undefined, previous: PodSpec | undefined, place: SpecPlace): readonly string[] {
  if (!spec || spec === previous) return none;
  let warnings = known[place].get(spec);
  if (!warnings) {
    warnings = collect(spec, specPaths[place]);
    known[place].set(spec, warnings);
  }
  return warnings;
}

const hostnameHint = 'which can result in surprising behavior; a DNS label is recommended';

/** The warning for a name that makes a poor host name; `use` says what it becomes. */
export function hostnameWarnings(complaints: readonly string[], use: string): readonly string[] {
  return complaints.length === 0 ? none : [`metadata.name: this is used in ${use}, ${hostnameHint}: [${complaints.join(' ')}]`];
}
