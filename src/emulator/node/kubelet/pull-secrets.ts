/** Logins for registries out of a Pod's pull secrets (upstream pkg/kubelet/kubelet_pods.go, getPullSecretsForPod, and pkg/credentialprovider). */
import type { Secret } from '../../api/generated/types.ts';
import type { Call } from '../../kernel/index.ts';
import { fromBase64, noBytes, textOf } from '../../kernel/index.ts';
import type { RegistryLogin } from '../container-runtime/index.ts';
import { parseImageReference } from '../container-runtime/index.ts';
import type { PodWorker } from './pod-worker.ts';

/** One entry of a Docker configuration. */
interface AuthEntry {
  readonly username?: string;
  readonly password?: string;
  /** Base64 of `username:password`. */
  readonly auth?: string;
}

/**
 * What the Pod's secrets hold for an image's registry, the most specific first. A secret that is not there is reported: a registry may
 * yet give the image without it.
 */
export function* pullLogins({ host, pod }: PodWorker, image: string): Call<readonly RegistryLogin[]> {
  const names = (pod.spec.imagePullSecrets ?? []).flatMap(({ name }) => name || []);
  if (names.length === 0) return [];
  const { namespace = '', uid } = pod.metadata;
  const sources = host.environmentSources(uid);
  const missing: string[] = [];
  const found: { readonly place: string; readonly login: RegistryLogin }[] = [];
  const { repository = '' } = parseImageReference(image) ?? {};
  for (const name of names) {
    const secret = yield* sources.secret(namespace, name);
    if (!secret) missing.push(name);
    else found.push(...loginsIn(secret).filter(({ place }) => repository === place || repository.startsWith(`${place}/`)));
  }
  if (missing.length > 0)
    host.recorder.warning(
      pod,
      'FailedToRetrieveImagePullSecret',
      `Unable to retrieve some image pull secrets (${missing.join(', ')}); attempting to pull the image may not succeed.`,
    );
  return found.sort((a, b) => b.place.length - a.place.length).map(({ login }) => login);
}

/** By registry, or registry and path. What is no Docker configuration holds none. */
function loginsIn({ type, data = {} }: Secret): { readonly place: string; readonly login: RegistryLogin }[] {
  const isModern = type === 'kubernetes.io/dockerconfigjson';
  const json = isModern ? data['.dockerconfigjson'] : data['.dockercfg'];
  if (json === undefined) return [];
  let entries: Readonly<Record<string, AuthEntry>>;
  try {
    const parsed = JSON.parse(textOf(fromBase64(json) ?? noBytes));
    entries = (isModern ? parsed?.auths : parsed) ?? {};
  } catch {
    return [];
  }
  const logins = Object.entries(entries).map(([key, entry]) => ({ place: placeOf(key), login: loginOf(entry) }));
  return logins.filter(({ login }) => login.username !== '');
}

/** `https://index.docker.io/v1/` is docker.io; a scheme and the API's version say nothing. */
function placeOf(key: string): string {
  const place = key
    .replace(/^https?:\/\//, '')
    .replace(/\/v[12]\/?$/, '')
    .replace(/\/$/, '');
  return place === 'index.docker.io' ? 'docker.io' : place;
}

function loginOf(entry: AuthEntry | null): RegistryLogin {
  const { username = '', password = '', auth } = entry ?? {};
  const text = auth === undefined ? undefined : fromBase64(auth);
  if (text === undefined) return { username, password };
  const [name = '', ...rest] = textOf(text).split(':');
  return { username: name, password: rest.join(':') };
}
