/** The controls of the level `baseline`, in the order of their names: pod-security-admission/policy/check_*.go. */
import type { LifecycleHandler, Probe } from '../../../../api/generated/types.ts';
import type { Check, Subject, Violation } from './check.ts';
import { annotationText, containersText, distinct, having, namesOf, plural, quoted, settersText } from './check.ts';

const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/';
const isGoodProfile = (type: string | undefined): boolean => type === undefined || type === 'RuntimeDefault' || type === 'Localhost';

function appArmorProfile(subject: Subject): Violation | undefined {
  const ofPod = subject.spec.securityContext?.appArmorProfile?.type;
  const bad = having(subject, ({ appArmorProfile: profile }) => !isGoodProfile(profile?.type));
  const annotations = Object.entries(subject.annotations)
    .filter(
      ([key, value]) => key.startsWith(appArmorPrefix) && value !== '' && value !== 'runtime/default' && !value.startsWith('localhost/'),
    )
    .map(([key, value]) => annotationText(key, value))
    .sort();
  const isPod = !isGoodProfile(ofPod);
  const values = [
    ...distinct([...(isPod ? [ofPod!] : []), ...bad.map(({ securityContext }) => securityContext!.appArmorProfile!.type)]),
    ...annotations,
  ];
  if (values.length === 0) return undefined;
  const setters = [settersText(isPod, namesOf(bad)), annotations.length > 0 ? plural('annotation', 'annotations', annotations.length) : ''];
  return {
    reason: plural('forbidden AppArmor profile', 'forbidden AppArmor profiles', values.length),
    detail: `${setters.filter(Boolean).join(' and ')} must not set AppArmor profile type to ${quoted(values)}`,
  };
}

const defaultCapabilities = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

function capabilities(subject: Subject): Violation | undefined {
  const extra = (added: readonly string[] | undefined) => (added ?? []).filter((name) => !defaultCapabilities.has(name));
  const bad = having(subject, ({ capabilities: own }) => extra(own?.add).length > 0);
  if (bad.length === 0) return undefined;
  const names = distinct(bad.flatMap(({ securityContext }) => extra(securityContext!.capabilities!.add)));
  return {
    reason: 'non-default capabilities',
    detail: `${containersText(namesOf(bad))} must not include ${quoted(names)} in securityContext.capabilities.add`,
  };
}

function hostNamespaces({ spec }: Subject): Violation | undefined {
  const set = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((name) => spec[name]).map((name) => `${name}=true`);
  return set.length === 0 ? undefined : { reason: 'host namespaces', detail: set.join(', ') };
}

function hostPathVolumes({ spec }: Subject): Violation | undefined {
  const names = (spec.volumes ?? []).filter(({ hostPath }) => hostPath).map(({ name }) => name);
  if (names.length === 0) return undefined;
  return { reason: 'hostPath volumes', detail: `${plural('volume', 'volumes', names.length)} ${quoted(names)}` };
}

function hostPorts(subject: Subject): Violation | undefined {
  const bad = having(subject, (_, { ports }) => ports?.some(({ hostPort }) => hostPort) ?? false);
  if (bad.length === 0) return undefined;
  const ports = distinct(
    bad.flatMap((container) => container.ports!.filter(({ hostPort }) => hostPort).map(({ hostPort }) => String(hostPort))),
  );
  const [use, port] = [plural('uses', 'use', bad.length), plural('hostPort', 'hostPorts', ports.length)];
  return { reason: 'hostPort', detail: `${containersText(namesOf(bad))} ${use} ${port} ${ports.join(', ')}` };
}

const hostsOf = (action: Probe | LifecycleHandler | undefined): readonly string[] =>
  [action?.httpGet?.host, action?.tcpSocket?.host].filter((host): host is string => !!host);

/** New in v1.34. */
function probeHosts({ containers }: Subject): Violation | undefined {
  const found = containers.map(({ name, livenessProbe, readinessProbe, startupProbe, lifecycle }) => ({
    name,
    hosts: [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop].flatMap(hostsOf),
  }));
  const bad = found.filter(({ hosts }) => hosts.length > 0);
  if (bad.length === 0) return undefined;
  const hosts = distinct(bad.flatMap((one) => one.hosts));
  const names = distinct(bad.map(({ name }) => name));
  const what = plural('probe or lifecycle host', 'probe or lifecycle hosts', hosts.length);
  return {
    reason: 'probe or lifecycle host',
    detail: `${containersText(names)} ${plural('uses', 'use', names.length)} ${what} ${quoted(hosts)}`,
  };
}

function privileged(subject: Subject): Violation | undefined {
  const bad = having(subject, (security) => security.privileged === true);
  if (bad.length === 0) return undefined;
  return { reason: 'privileged', detail: `${containersText(namesOf(bad))} must not set securityContext.privileged=true` };
}

function procMount(subject: Subject): Violation | undefined {
  const bad = having(subject, (security) => security.procMount !== undefined && security.procMount !== 'Default');
  if (bad.length === 0) return undefined;
  const types = distinct(bad.map(({ securityContext }) => securityContext!.procMount!));
  return { reason: 'procMount', detail: `${containersText(namesOf(bad))} must not set securityContext.procMount to ${quoted(types)}` };
}

const seLinuxTypes = ['', 'container_t', 'container_init_t', 'container_kvm_t'];

const seLinuxOptions =
  (types: readonly string[]) =>
  (subject: Subject): Violation | undefined => {
    type Options = { readonly type?: string | undefined; readonly user?: string | undefined; readonly role?: string | undefined };
    const isBad = (options: Options | undefined): boolean =>
      options !== undefined && (!types.includes(options.type ?? '') || !!options.user || !!options.role);
    const ofPod = subject.spec.securityContext?.seLinuxOptions;
    const bad = having(subject, (security) => isBad(security.seLinuxOptions));
    if (!isBad(ofPod) && bad.length === 0) return undefined;
    const all = [...(isBad(ofPod) ? [ofPod!] : []), ...bad.map(({ securityContext }) => securityContext!.seLinuxOptions!)];
    const badTypes = distinct(all.map(({ type }) => type ?? '').filter((type) => !types.includes(type)));
    const data = [
      ...(badTypes.length > 0 ? [`${plural('type', 'types', badTypes.length)} ${quoted(badTypes)}`] : []),
      ...(all.some(({ user }) => user) ? ['user may not be set'] : []),
      ...(all.some(({ role }) => role) ? ['role may not be set'] : []),
    ];
    const setters = settersText(isBad(ofPod), namesOf(bad));
    return { reason: 'seLinuxOptions', detail: `${setters} set forbidden securityContext.seLinuxOptions: ${data.join('; ')}` };
  };

const seccompAnnotation = 'seccomp.security.alpha.kubernetes.io/pod';
const seccompPrefix = 'container.seccomp.security.alpha.kubernetes.io/';

/** Before v1.19 the profile was an annotation. */
function seccompAnnotations({ annotations, containers }: Subject): Violation | undefined {
  const isGood = (value: string): boolean => value === 'runtime/default' || value === 'docker/default' || value.startsWith('localhost/');
  const keys = [seccompAnnotation, ...containers.map(({ name }) => seccompPrefix + name)];
  const bad = distinct(
    keys.flatMap((key) => (annotations[key] === undefined || isGood(annotations[key]) ? [] : [annotationText(key, annotations[key])])),
  );
  if (bad.length === 0) return undefined;
  return { reason: 'seccompProfile', detail: `forbidden ${plural('annotation', 'annotations', bad.length)} ${bad.join(', ')}` };
}

/** Profiles that switch the filter off; the level `restricted` asks this first. */
export function forbiddenSeccomp(subject: Subject): Violation | undefined {
  const ofPod = subject.spec.securityContext?.seccompProfile?.type;
  const bad = having(subject, (security) => !isGoodProfile(security.seccompProfile?.type));
  const values = distinct([
    ...(isGoodProfile(ofPod) ? [] : [ofPod!]),
    ...bad.map(({ securityContext }) => securityContext!.seccompProfile!.type),
  ]);
  if (values.length === 0) return undefined;
  const setters = settersText(!isGoodProfile(ofPod), namesOf(bad));
  return { reason: 'seccompProfile', detail: `${setters} must not set securityContext.seccompProfile.type to ${quoted(values)}` };
}

const sysctls =
  (allowed: readonly string[]) =>
  ({ spec }: Subject): Violation | undefined => {
    const bad = (spec.securityContext?.sysctls ?? []).map(({ name }) => name).filter((name) => !allowed.includes(name));
    return bad.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: bad.join(', ') };
  };

const sysctls0 = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
];
const sysctls27 = [...sysctls0, 'net.ipv4.ip_local_reserved_ports'];
const sysctls29 = [
  ...sysctls27,
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
];
const sysctls32 = [...sysctls29, 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'];

function windowsHostProcess(subject: Subject): Violation | undefined {
  const isPod = subject.spec.securityContext?.windowsOptions?.hostProcess === true;
  const bad = having(subject, (security) => security.windowsOptions?.hostProcess === true);
  if (!isPod && bad.length === 0) return undefined;
  return {
    reason: 'hostProcess',
    detail: `${settersText(isPod, namesOf(bad))} must not set securityContext.windowsOptions.hostProcess=true`,
  };
}

/** Every control of `baseline`. */
export const baselineChecks: readonly Check[] = [
  { id: 'appArmorProfile', versions: [{ from: 0, check: appArmorProfile }] },
  { id: 'capabilities_baseline', versions: [{ from: 0, check: capabilities }] },
  { id: 'hostNamespaces', versions: [{ from: 0, check: hostNamespaces }] },
  { id: 'hostPathVolumes', versions: [{ from: 0, check: hostPathVolumes }] },
  { id: 'hostPorts', versions: [{ from: 0, check: hostPorts }] },
  { id: 'hostProbesAndHostLifecycle', versions: [{ from: 34, check: probeHosts }] },
  { id: 'privileged', versions: [{ from: 0, check: privileged }] },
  { id: 'procMount', versions: [{ from: 0, check: procMount }] },
  {
    id: 'seLinuxOptions',
    versions: [
      { from: 0, check: seLinuxOptions(seLinuxTypes) },
      { from: 31, check: seLinuxOptions([...seLinuxTypes, 'container_engine_t']) },
    ],
  },
  {
    id: 'seccompProfile_baseline',
    versions: [
      { from: 0, check: seccompAnnotations },
      { from: 19, check: forbiddenSeccomp },
    ],
  },
  {
    id: 'sysctls',
    versions: [
      { from: 0, check: sysctls(sysctls0) },
      { from: 27, check: sysctls(sysctls27) },
      { from: 29, check: sysctls(sysctls29) },
      { from: 32, check: sysctls(sysctls32) },
    ],
  },
  { id: 'windowsHostProcess', versions: [{ from: 0, check: windowsHostProcess }] },
];
