/** The controls that the level `restricted` adds, in the order of their names: pod-security-admission/policy/check_*.go. */
import type { Volume } from '../../../../api/generated/types.ts';
import { forbiddenSeccomp } from './baseline.ts';
import type { Check, Subject, Violation } from './check.ts';
import { containersText, distinct, exceptWindows, having, namesOf, plural, quoted, settersText } from './check.ts';

function allowPrivilegeEscalation(subject: Subject): Violation | undefined {
  const bad = having(subject, (security) => security.allowPrivilegeEscalation !== false);
  if (bad.length === 0) return undefined;
  return {
    reason: 'allowPrivilegeEscalation != false',
    detail: `${containersText(namesOf(bad))} must set securityContext.allowPrivilegeEscalation=false`,
  };
}

function capabilities(subject: Subject): Violation | undefined {
  const extra = (added: readonly string[] | undefined) => (added ?? []).filter((name) => name !== 'NET_BIND_SERVICE');
  const keeping = having(subject, (security) => !security.capabilities?.drop?.includes('ALL'));
  const adding = having(subject, (security) => extra(security.capabilities?.add).length > 0);
  const added = distinct(adding.flatMap(({ securityContext }) => extra(securityContext!.capabilities!.add)));
  const details = [
    ...(keeping.length > 0 ? [`${containersText(namesOf(keeping))} must set securityContext.capabilities.drop=["ALL"]`] : []),
    ...(adding.length > 0
      ? [`${containersText(namesOf(adding))} must not include ${quoted(added)} in securityContext.capabilities.add`]
      : []),
  ];
  return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') };
}

const allowedVolumes = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
] as const;
const knownVolumes = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'gitRepo',
  'nfs',
  'iscsi',
  'glusterfs',
  'rbd',
  'flexVolume',
  'cinder',
  'cephfs',
  'flocker',
  'fc',
  'azureFile',
  'vsphereVolume',
  'quobyte',
  'azureDisk',
  'photonPersistentDisk',
  'portworxVolume',
  'scaleIO',
  'storageos',
] as const;

const typeOf = (volume: Volume): string => knownVolumes.find((type) => volume[type] !== undefined) ?? 'unknown';

function restrictedVolumes({ spec }: Subject): Violation | undefined {
  const bad = (spec.volumes ?? []).filter((volume) => allowedVolumes.every((type) => volume[type] === undefined));
  if (bad.length === 0) return undefined;
  const types = distinct(bad.map(typeOf));
  const volumes = `${plural('volume', 'volumes', bad.length)} ${quoted(bad.map(({ name }) => name))}`;
  const what = plural('restricted volume type', 'restricted volume types', types.length);
  return { reason: 'restricted volume types', detail: `${volumes} ${plural('uses', 'use', bad.length)} ${what} ${quoted(types)}` };
}

function runAsNonRoot(subject: Subject): Violation | undefined {
  const ofPod = subject.spec.securityContext?.runAsNonRoot;
  const bad = having(subject, (security) => security.runAsNonRoot === false);
  const reason = 'runAsNonRoot != true';
  if (ofPod === false || bad.length > 0)
    return { reason, detail: `${settersText(ofPod === false, namesOf(bad))} must not set securityContext.runAsNonRoot=false` };
  const silent = ofPod ? [] : having(subject, (security) => security.runAsNonRoot === undefined);
  if (silent.length === 0) return undefined;
  return { reason, detail: `pod or ${containersText(namesOf(silent))} must set securityContext.runAsNonRoot=true` };
}

function runAsUser(subject: Subject): Violation | undefined {
  const isPod = subject.spec.securityContext?.runAsUser === 0;
  const bad = having(subject, (security) => security.runAsUser === 0);
  if (!isPod && bad.length === 0) return undefined;
  return { reason: 'runAsUser=0', detail: `${settersText(isPod, namesOf(bad))} must not set runAsUser=0` };
}

function seccompProfile(subject: Subject): Violation | undefined {
  const forbidden = forbiddenSeccomp(subject);
  if (forbidden) return forbidden;
  const isSet = subject.spec.securityContext?.seccompProfile !== undefined;
  const silent = isSet ? [] : having(subject, (security) => security.seccompProfile === undefined);
  if (silent.length === 0) return undefined;
  const detail = `pod or ${containersText(namesOf(silent))} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`;
  return { reason: 'seccompProfile', detail };
}

/** Every control that `restricted` has beyond those of `baseline`. */
export const restrictedChecks: readonly Check[] = [
  {
    id: 'allowPrivilegeEscalation',
    versions: [
      { from: 8, check: allowPrivilegeEscalation },
      { from: 25, check: exceptWindows(allowPrivilegeEscalation) },
    ],
  },
  {
    id: 'capabilities_restricted',
    overrides: 'capabilities_baseline',
    versions: [
      { from: 22, check: capabilities },
      { from: 25, check: exceptWindows(capabilities) },
    ],
  },
  { id: 'restrictedVolumes', overrides: 'hostPathVolumes', versions: [{ from: 0, check: restrictedVolumes }] },
  { id: 'runAsNonRoot', versions: [{ from: 0, check: runAsNonRoot }] },
  { id: 'runAsUser', versions: [{ from: 23, check: runAsUser }] },
  {
    id: 'seccompProfile_restricted',
    overrides: 'seccompProfile_baseline',
    versions: [
      { from: 19, check: seccompProfile },
      { from: 25, check: exceptWindows(seccompProfile) },
    ],
  },
];
