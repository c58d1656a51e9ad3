/**
 * Warnings about a Pod's spec: pkg/api/pod/warnings.go, and those for fields without effect. A spec is looked at once for
 * each place where it stands, by identity.
 */
import type { FieldPath } from '../../../machinery/field-error.ts';
import { quote } from '../../../machinery/go-quote.ts';
import { labelValue } from '../../../machinery/names.ts';
import { parseQuantity, quantityComplaint } from '../../../machinery/quantity.ts';
import type { Container, ContainerPort, NodeSelectorTerm, PodSpec } from '../../generated/types.ts';
import { claimSpecWarnings } from '../persistent-volume-claim.ts';
import { appArmorAnnotation, deprecatedAppArmor } from './apparmor.ts';
import { pathWarnings } from './path-warnings.ts';
import { unsimulatedFields } from './unsimulated.ts';
import type { SpecPlace } from './validation.ts';
import { annotationPaths, bySpecPlace, specPaths } from './validation.ts';

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

/** What annotations said before there were fields. */
const deprecatedAnnotations: Readonly<Record<string, string>> = {
  'scheduler.alpha.kubernetes.io/critical-pod': 'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
};
const seccompOfPod = 'seccomp.security.alpha.kubernetes.io/pod';
const seccompOfContainer = 'container.seccomp.security.alpha.kubernetes.io/';
const deprecatedSeccomp = 'non-functional in v1.27+; use the "seccompProfile" field instead';

type Annotations = Readonly<Record<string, string>>;
type Warn = (path: FieldPath, text: string) => void;

const isOfOld = (key: string): boolean =>
  key in deprecatedAnnotations || key === seccompOfPod || key.startsWith(seccompOfContainer) || key.startsWith(appArmorAnnotation);

/** Those of a Pod's or template's annotations that earn a warning; undefined when none does, as nearly always. */
function annotationsOfOld(annotations: Annotations | undefined): Annotations | undefined {
  for (const key in annotations) if (isOfOld(key)) return annotations;
  return undefined;
}

/** Warns of labels of nodes that have newer names, and of values that no label has where validation allows them. */
export function warnNodeTerm(term: NodeSelectorTerm, path: FieldPath, warn: Warn, checksValues = false): void {
  (term.matchExpressions ?? []).forEach(({ key, values }, i) => {
    const at = path.child('matchExpressions').index(i);
    const message = deprecatedNodeLabels[key];
    if (message) warn(at.child('key'), `${key} is ${message}`);
    if (!checksValues) return;
    (values ?? []).forEach((value, j) => {
      for (const complaint of labelValue(value)) warn(at.child('values').index(j), `${value} is invalid, ${complaint}`);
    });
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
    warnNodeTerm(preference, at.child('preferredDuringSchedulingIgnoredDuringExecution').index(i).child('preference'), warn, true);
  });
  (spec.topologySpreadConstraints ?? []).forEach(({ topologyKey, labelSelector }, i) => {
    const constraint = path.child('topologySpreadConstraints').index(i);
    const message = deprecatedNodeLabels[topologyKey];
    if (message) warn(constraint.child('topologyKey'), `${topologyKey} is ${message}`);
    if (!labelSelector) warn(constraint.child('labelSelector'), matchesNothing);
  });
}

const matchesNothing = 'a null labelSelector results in matching no pod';

function warnPodTerms(spec: PodSpec, path: FieldPath, warn: Warn): void {
  for (const kind of ['podAffinity', 'podAntiAffinity'] as const) {
    const at = path.child('affinity', kind);
    const { requiredDuringSchedulingIgnoredDuringExecution: hard, preferredDuringSchedulingIgnoredDuringExecution: soft } =
      spec.affinity?.[kind] ?? {};
    (hard ?? []).forEach(({ labelSelector }, i) => {
      if (!labelSelector) warn(at.child('requiredDuringSchedulingIgnoredDuringExecution').index(i).child('labelSelector'), matchesNothing);
    });
    (soft ?? []).forEach(({ podAffinityTerm }, i) => {
      if (!podAffinityTerm?.labelSelector)
        warn(
          at.child('preferredDuringSchedulingIgnoredDuringExecution').index(i).child('podAffinityTerm', 'labelSelector'),
          matchesNothing,
        );
    });
  }
}

function warnVolumes({ volumes = [] }: PodSpec, path: FieldPath, warnings: string[], warn: Warn): void {
  volumes.forEach((volume, i) => {
    const at = path.child('volumes').index(i);
    for (const name in volume) if (deprecatedVolumes[name]) warn(at.child(name), deprecatedVolumes[name]);
    const claim = volume.ephemeral?.volumeClaimTemplate;
    if (claim?.spec) warnings.push(...claimSpecWarnings(claim.spec, at.child('ephemeral', 'volumeClaimTemplate', 'spec')));
  });
  for (const volume of volumes) warnings.push(...pathWarnings(volume));
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

/** Of a container's annotations; a Pod's own for AppArmor are dealt with where they become fields. */
function warnProfiles(container: Container, spec: PodSpec, annotations: Annotations, place: SpecPlace, warn: Warn): void {
  const at = annotationPaths[place];
  const seccomp = seccompOfContainer + container.name;
  if (seccomp in annotations && !container.securityContext?.seccompProfile) warn(at.key(seccomp), deprecatedSeccomp);
  const appArmor = appArmorAnnotation + container.name;
  const hasField = spec.securityContext?.appArmorProfile ?? container.securityContext?.appArmorProfile;
  if (appArmor in annotations && !hasField && place !== 'pod') warn(at.key(appArmor), deprecatedAppArmor);
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

/** A port as Go prints the structure. */
const goPort = ({ name = '', hostPort = 0, containerPort, protocol, hostIP = '' }: ContainerPort): string =>
  `{Name:${name} HostPort:${hostPort} ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`;

function warnPorts(spec: PodSpec, path: FieldPath, warn: Warn): void {
  const seen: { readonly path: FieldPath; readonly key: string; readonly hostPort: number; readonly hostIP: string }[] = [];
  for (const list of ['initContainers', 'containers'] as const) {
    (spec[list] ?? []).forEach((container, i) => {
      (container.ports ?? []).forEach((port, j) => {
        const { containerPort, protocol, hostPort = 0, hostIP = '' } = port;
        const at = path.child(list).index(i).child('ports').index(j);
        if (hostIP !== '' && hostPort === 0) warn(at, `hostIP set without hostPort: ${goPort(port)}`);
        const key = `${containerPort}/${protocol}`;
        for (const other of seen) {
          if (other.key !== key) continue;
          if (other.hostIP === hostIP && other.hostPort === hostPort) warn(at, `duplicate port definition with ${other.path}`);
          else if (hostPort === 0 || other.hostPort === 0) warn(at, `overlapping port definition with ${other.path}`);
          else if (hostPort === other.hostPort && (hostIP === '' || other.hostIP === ''))
            warn(at, `dangerously ambiguous port definition with ${other.path}`);
        }
        seen.push({ path: at, key, hostPort, hostIP });
      });
    });
  }
}

function warnPortNames(spec: PodSpec, path: FieldPath, warn: Warn): void {
  const seen = new Map<string, FieldPath>();
  for (const list of ['initContainers', 'containers'] as const)
    (spec[list] ?? []).forEach(({ ports = [] }, i) => {
      ports.forEach(({ name }, j) => {
        if (!name) return;
        const at = path.child(list).index(i).child('ports').index(j);
        const other = seen.get(name);
        if (!other) seen.set(name, at);
        else warn(at, `duplicate port name ${quote(name)} with ${other}, services and probes that select ports by name will use ${other}`);
      });
    });
}

function collect(spec: PodSpec, place: SpecPlace, annotations: Annotations): readonly string[] {
  const path = specPaths[place];
  const ofOld = annotationPaths[place];
  const warnings: string[] = [];
  const warn: Warn = (at, text) => warnings.push(`${at}: ${text}`);
  warnScheduling(spec, path, warn);
  for (const key in deprecatedAnnotations) if (key in annotations) warn(ofOld.key(key), deprecatedAnnotations[key]!);
  warnVolumes(spec, path, warnings, warn);
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
  warnFractions(spec.overhead, path.child('overhead'), warn);
  if (seccompOfPod in annotations && !spec.securityContext?.seccompProfile) warn(ofOld.key(seccompOfPod), deprecatedSeccomp);
  for (const list of ['initContainers', 'containers'] as const) {
    (spec[list] ?? []).forEach((container, i) => {
      warnProfiles(container, spec, annotations, place, warn);
      warnContainer(container, path.child(list).index(i), warn);
    });
  }
  warnPorts(spec, path, warn);
  warnPortNames(spec, path, warn);
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0)
    warn(path.child('terminationGracePeriodSeconds'), 'must be >= 0; negative values are invalid and will be treated as 1');
  warnPodTerms(spec, path, warn);
  return [...warnings, ...unsimulatedFields(spec, path)];
}

const known = bySpecPlace<readonly string[]>();
const none: readonly string[] = [];
const noAnnotations: Annotations = {};

/** A Pod, or the template of one. */
interface Template {
  readonly metadata?: { readonly annotations?: Annotations | undefined } | undefined;
  readonly spec?: PodSpec | undefined;
}

/** Warnings for a Pod or a template that a client sent; none when an update leaves both spec and annotations as they were. */
export function podWarnings(template: Template | undefined, previous: Template | undefined, place: SpecPlace): readonly string[] {
  const spec = template?.spec;
  if (!spec) return none;
  const annotations = annotationsOfOld(template.metadata?.annotations);
  if (spec === previous?.spec && (!annotations || annotations === previous.metadata?.annotations)) return none;
  if (annotations) return collect(spec, place, annotations);
  let warnings = known[place].get(spec);
  if (!warnings) {
    warnings = collect(spec, place, noAnnotations);
    known[place].set(spec, warnings);
  }
  return warnings;
}

const hostnameHint = 'which can result in surprising behavior; a DNS label is recommended';

/** The warning for a name that makes a poor host name; `use` says what it becomes. */
export function hostnameWarnings(complaints: readonly string[], use: string): readonly string[] {
  return complaints.length === 0 ? none : [`metadata.name: this is used in ${use}, ${hostnameHint}: [${complaints.join(' ')}]`];
}
