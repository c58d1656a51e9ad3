/** The files that volumes made of API objects hold. */
import type {
  ConfigMap,
  DownwardAPIVolumeFile,
  KeyToPath,
  Pod,
  Secret,
  ServiceAccountTokenProjection,
  Volume,
} from '../../../api/generated/types.ts';
import type { Credential } from '../../../client/index.ts';
import { rememberTokenFile } from '../../../client/index.ts';
import type { ByteString } from '../../../kernel/index.ts';
import { fromBase64, utf8 } from '../../../kernel/index.ts';
import type { NodeResources } from '../downward-api.ts';
import { fieldValue, resourceValue } from '../downward-api.ts';
import type { ObjectCache } from '../object-cache.ts';
import type { Payload } from './atomic-directory.ts';
import { VolumeError } from './volume-error.ts';

export interface PayloadContext {
  readonly objects: Pick<ObjectCache, 'current'>;
  readonly token: (pod: Pod, projection: ServiceAccountTokenProjection) => ByteString;
  /** The same token for a component of the cluster, which need not have it signed. */
  readonly credential: (pod: Pod, projection: ServiceAccountTokenProjection) => Credential | undefined;
  readonly node: NodeResources;
}

const modeOf = (mode: number | undefined, fallback: number | undefined): number => mode ?? fallback ?? 0o644;

/** The files of a configMap, secret, downwardAPI or projected volume, by path. Throws a `VolumeError` for a key that is not there. */
export function payloadOf(volume: Volume, pod: Pod, context: PayloadContext): ReadonlyMap<string, Payload> {
  const files = new Map<string, Payload>();
  const namespace = pod.metadata.namespace ?? '';
  const { configMap, secret, downwardAPI, projected } = volume;
  if (configMap)
    addConfigMap(
      files,
      volume,
      configMap,
      context.objects.current('configmaps', namespace, configMap.name ?? '') as ConfigMap | undefined,
      configMap.defaultMode,
    );
  if (secret)
    addSecret(
      files,
      volume,
      secret,
      context.objects.current('secrets', namespace, secret.secretName ?? '') as Secret | undefined,
      secret.defaultMode,
    );
  if (downwardAPI) addDownward(files, downwardAPI.items ?? [], downwardAPI.defaultMode, pod, context.node);
  for (const source of projected?.sources ?? []) {
    const mode = projected!.defaultMode;
    if (source.configMap)
      addConfigMap(
        files,
        volume,
        source.configMap,
        context.objects.current('configmaps', namespace, source.configMap.name ?? '') as ConfigMap | undefined,
        mode,
      );
    if (source.secret)
      addSecret(
        files,
        volume,
        source.secret,
        context.objects.current('secrets', namespace, source.secret.name ?? '') as Secret | undefined,
        mode,
      );
    if (source.downwardAPI) addDownward(files, source.downwardAPI.items ?? [], mode, pod, context.node);
    const { serviceAccountToken } = source;
    if (serviceAccountToken) {
      const data = (): ByteString => context.token(pod, serviceAccountToken);
      rememberTokenFile(data, () => context.credential(pod, serviceAccountToken));
      const uid = commonUser(pod);
      const isOwned = uid !== undefined || pod.spec.securityContext?.fsGroup !== undefined;
      files.set(serviceAccountToken.path, { data, mode: isOwned ? 0o600 : modeOf(undefined, mode), uid });
    }
  }
  return files;
}

interface Selection {
  readonly items?: readonly KeyToPath[] | undefined;
  readonly optional?: boolean | undefined;
}

/** The user whom all containers run as, which a token is then given to (pkg/volume/util, FsUserFrom). */
function commonUser({ spec }: Pod): number | undefined {
  const users = [...(spec.initContainers ?? []), ...spec.containers].map(
    ({ securityContext }) => securityContext?.runAsUser ?? spec.securityContext?.runAsUser,
  );
  return users.every((user) => user === users[0]) ? users[0] : undefined;
}

function addConfigMap(
  files: Map<string, Payload>,
  volume: Volume,
  selection: Selection,
  object: ConfigMap | undefined,
  mode: number | undefined,
): void {
  select(files, volume, selection, new Set([...Object.keys(object?.data ?? {}), ...Object.keys(object?.binaryData ?? {})]), mode, (key) => {
    const binary = object!.binaryData?.[key];
    return binary === undefined ? utf8(object!.data![key]!) : fromBase64(binary)!;
  });
}

function addSecret(
  files: Map<string, Payload>,
  volume: Volume,
  selection: Selection,
  object: Secret | undefined,
  mode: number | undefined,
): void {
  select(files, volume, selection, new Set(Object.keys(object?.data ?? {})), mode, (key) => fromBase64(object!.data![key]!)!);
}

function select(
  files: Map<string, Payload>,
  volume: Volume,
  { items, optional }: Selection,
  keys: ReadonlySet<string>,
  mode: number | undefined,
  contentOf: (key: string) => ByteString,
): void {
  if (!items?.length) {
    for (const key of keys) files.set(key, { data: contentOf(key), mode: modeOf(undefined, mode) });
    return;
  }
  for (const item of items) {
    if (keys.has(item.key)) files.set(item.path, { data: contentOf(item.key), mode: modeOf(item.mode, mode) });
    else if (!optional)
      throw new VolumeError(volume.name, `references non-existent ${volume.secret ? 'secret' : 'config'} key: ${item.key}`);
  }
}

function addDownward(
  files: Map<string, Payload>,
  items: readonly DownwardAPIVolumeFile[],
  mode: number | undefined,
  pod: Pod,
  node: NodeResources,
): void {
  for (const { path, fieldRef, resourceFieldRef, mode: own } of items) {
    const container = pod.spec.containers.find(({ name }) => name === resourceFieldRef?.containerName) ?? pod.spec.containers[0]!;
    const value = fieldRef
      ? (fieldValue(pod, fieldRef.fieldPath, { podIPs: [], hostIPs: [] }) ?? '')
      : resourceFieldRef
        ? resourceValue(pod, container, resourceFieldRef, node)
        : '';
    files.set(path, { data: utf8(value), mode: modeOf(own, mode) });
  }
}
