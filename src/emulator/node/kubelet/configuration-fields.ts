/** Fields of KubeletConfiguration v1beta1 with their types, and the complaints of Go's decoder (staging/src/k8s.io/kubelet/config/v1beta1/types.go). */

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Names by the Go type that messages name. */
const byType: Readonly<Record<string, readonly string[]>> = {
  string: words(`apiVersion kind staticPodPath podLogsDir staticPodURL address tlsCertFile tlsPrivateKeyFile tlsMinVersion
    imagePullCredentialsVerificationPolicy healthzBindAddress clusterDomain kubeletCgroups systemCgroups cgroupRoot cgroupDriver
    cpuManagerPolicy memoryManagerPolicy topologyManagerPolicy topologyManagerScope hairpinMode podCIDR resolvConf contentType
    containerLogMaxSize configMapAndSecretChangeDetectionStrategy reservedSystemCPUs showHiddenMetricsForVersion
    systemReservedCgroup kubeReservedCgroup volumePluginDir providerID containerRuntimeEndpoint imageServiceEndpoint`),
  bool: words(`enableServer rotateCertificates serverTLSBootstrap enableDebuggingHandlers enableContentionProfiling cgroupsPerQOS
    singleProcessOOMKill runOnce cpuCFSQuota serializeImagePulls mergeDefaultEvictionSettings enableControllerAttachDetach
    protectKernelDefaults makeIPTablesUtilChains failSwapOn kernelMemcgNotification enableSystemLogHandler enableSystemLogQuery
    enableProfilingHandler enableDebugFlagsHandler seccompDefault registerNode localStorageCapacityIsolation failCgroupV1`),
  int32: words(`port readOnlyPort registryPullQPS registryBurst eventRecordQPS eventBurst healthzPort oomScoreAdj
    nodeLeaseDurationSeconds imageGCHighThresholdPercent imageGCLowThresholdPercent maxPods nodeStatusMaxImages kubeAPIQPS
    kubeAPIBurst maxParallelImagePulls evictionMaxPodGracePeriod podsPerCore iptablesMasqueradeBit iptablesDropBit
    containerLogMaxFiles containerLogMaxWorkers`),
  int64: words('podPidsLimit maxOpenFiles'),
  float64: words('memoryThrottlingFactor'),
  '[]string': words('tlsCipherSuites preloadedImagesVerificationAllowlist clusterDNS enforceNodeAllocatable allowedUnsafeSysctls'),
  duration: words(`syncFrequency fileCheckFrequency httpCheckFrequency streamingConnectionIdleTimeout nodeStatusUpdateFrequency
    nodeStatusReportFrequency imageMinimumGCAge imageMaximumGCAge volumeStatsAggPeriod cpuManagerReconcilePeriod
    runtimeRequestTimeout cpuCFSQuotaPeriod evictionPressureTransitionPeriod containerLogMonitorInterval shutdownGracePeriod
    shutdownGracePeriodCriticalPods`),
  'map[string]string': words(`cpuManagerPolicyOptions topologyManagerPolicyOptions qosReserved evictionHard evictionSoft
    evictionSoftGracePeriod evictionMinimumReclaim systemReserved kubeReserved`),
  'map[string]bool': words('featureGates'),
  object: words('staticPodURLHeader authentication authorization memorySwap logging crashLoopBackOff tracing userNamespaces'),
  list: words('shutdownGracePeriodByPodPriority reservedMemory registerWithTaints'),
};

const types: ReadonlyMap<string, string> = new Map(Object.entries(byType).flatMap(([type, names]) => names.map((name) => [name, type])));

const kindOf = (value: unknown): string =>
  Array.isArray(value) ? 'array' : typeof value === 'object' ? 'object' : typeof value === 'boolean' ? 'bool' : typeof value;

const accepts: Readonly<Record<string, string>> = {
  string: 'string',
  bool: 'bool',
  int32: 'number',
  int64: 'number',
  float64: 'number',
  '[]string': 'array',
  duration: 'string',
  'map[string]string': 'object',
  'map[string]bool': 'object',
  object: 'object',
  list: 'array',
};

const goTypes: Readonly<Record<string, string>> = { object: 'struct', list: '[]struct' };

/** What is wrong with the type of a value, as Go's decoder says it; undefined when nothing is. */
function typeProblem(name: string, value: unknown): string | undefined {
  const type = types.get(name)!;
  if (value === null || value === undefined) return undefined;
  const kind = kindOf(value);
  if (type === 'duration') return kind === 'string' ? undefined : `json: cannot unmarshal ${kind} into Go value of type string`;
  if (kind !== accepts[type])
    return `json: cannot unmarshal ${kind} into Go struct field KubeletConfiguration.${name} of type ${goTypes[type] ?? type}`;
  if (type.startsWith('int') && !Number.isInteger(value))
    return `json: cannot unmarshal number ${String(value)} into Go struct field KubeletConfiguration.${name} of type ${type}`;
  const element = /^(?:\[\]|map\[string\])(string|bool)$/.exec(type)?.[1];
  const wrong = element === undefined ? undefined : Object.values(value as object).find((item) => kindOf(item) !== element);
  return wrong === undefined
    ? undefined
    : `json: cannot unmarshal ${kindOf(wrong)} into Go struct field KubeletConfiguration.${name} of type ${element}`;
}

/** Fields that no KubeletConfiguration has: the kubelet names them and goes on, since v1beta1 is decoded leniently where strictness fails. */
export function unknownFields(file: object): readonly string[] {
  return Object.keys(file).filter((name) => !types.has(name));
}

/** The first value of a wrong type, in the decoder's words. */
export function decodeProblem(file: object): string | undefined {
  for (const [name, value] of Object.entries(file)) {
    const problem = types.has(name) ? typeProblem(name, value) : undefined;
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Fields that act, and those that say what is the case here anyway (as kubeadm writes them). */
const effective = new Set(
  words(`apiVersion kind authentication authorization cgroupDriver clusterDNS clusterDomain containerRuntimeEndpoint evictionHard
    evictionSoft evictionSoftGracePeriod evictionMaxPodGracePeriod evictionPressureTransitionPeriod healthzBindAddress healthzPort
    kubeReserved systemReserved logging maxPods podPidsLimit port resolvConf rotateCertificates staticPodPath
    evictionMinimumReclaim mergeDefaultEvictionSettings imageGCHighThresholdPercent imageGCLowThresholdPercent imageMinimumGCAge
    imageMaximumGCAge serverTLSBootstrap tlsCertFile tlsPrivateKeyFile shutdownGracePeriod shutdownGracePeriodCriticalPods shutdownGracePeriodByPodPriority`),
);

/** Empty values and times of zero stand for the default. */
function isSet(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some(isSet);
  return value !== undefined && value !== null && value !== '' && value !== '0s' && value !== 0;
}

/** Fields that are set and change nothing here. */
export function fieldsWithoutEffect(file: object): readonly string[] {
  return Object.entries(file)
    .filter(([name, value]) => types.has(name) && !effective.has(name) && isSet(value))
    .map(([name]) => name);
}
