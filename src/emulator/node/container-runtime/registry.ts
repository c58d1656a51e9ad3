/**
 * The registries of the emulated internet: which images exist, and how long a pull takes. Nodes pull from here; what a
 * node has is its own business (`image-store.ts`).
 */
import type { Image, RegistryLogin } from '../../images/image.ts';
import type { ImageReference } from './image-reference.ts';

/** Virtual milliseconds for resolving a name and its manifests. */
const resolveMs = 400;
/** What a node's line and disk take in: about 80 MB a second. */
const bytesPerMs = 80_000;

/** The registry of Kubernetes before 2023 sends everybody on to today's. */
const repositoryOf = ({ domain, path, repository }: ImageReference): string =>
  domain === 'k8s.gcr.io' ? `registry.k8s.io/${path}` : repository;

export type RegistryFailure = 'unreachable' | 'rate-limited';

export class Registry {
  readonly #byName = new Map<string, Image>();
  readonly #byDigest = new Map<string, Image>();
  readonly #repositories = new Set<string>();
  readonly #failures = new Map<string, RegistryFailure>();

  /** Publishes an image under its repository and tags. A later one of the same name takes the tag over. */
  add(image: Image): void {
    for (const tag of image.tags) this.#byName.set(`${image.repository}:${tag}`, image);
    this.#repositories.add(image.repository);
    this.#byDigest.set(`${image.repository}@${image.digest}`, image);
  }

  /** A registry that stops answering, gives nothing away any more to who has no account, or is itself again. */
  fail(domain: string, how: RegistryFailure | undefined): void {
    if (how) this.#failures.set(domain, how);
    else this.#failures.delete(domain);
  }

  /** What a runtime says of a registry that does not give what it has; undefined when it does. */
  failureOf(reference: ImageReference): string | undefined {
    const how = this.#failures.get(reference.domain);
    return how && failureText(how, reference);
  }

  /** Whether any tag of the repository exists. */
  hasRepository(reference: ImageReference): boolean {
    return this.#repositories.has(repositoryOf(reference));
  }

  find(reference: ImageReference): Image | undefined {
    const repository = repositoryOf(reference);
    return reference.digest ? this.#byDigest.get(`${repository}@${reference.digest}`) : this.#byName.get(`${repository}:${reference.tag}`);
  }
}

/**
 * containerd's words for a registry that does not answer within its 30 s, and for one that counts (core/remotes/docker).
 *
 * Unverified: the address behind a registry's name, which differs from day to day.
 */
function failureText(how: RegistryFailure, { domain, path, tag, digest, canonical }: ImageReference): string {
  const host = domain === 'docker.io' ? 'registry-1.docker.io' : domain;
  const head = `failed to pull and unpack image "${canonical}":`;
  const url = `https://${host}/v2/${path}/manifests/${digest ?? tag}`;
  if (how === 'rate-limited')
    return `rpc error: code = Unknown desc = ${head} failed to copy: httpReadSeeker: failed open: unexpected status code ${url}: 429 Too Many Requests - Server message: toomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit`;
  return `rpc error: code = Unknown desc = ${head} failed to resolve reference "${canonical}": failed to do request: Head "${url}": dial tcp 44.208.254.194:443: i/o timeout`;
}

/** How long a pull takes that gets no answer: the runtime's dialer gives up (core/remotes/docker/config, 30 s). */
export const dialTimeoutMs = 30_000;

/** How long a pull takes that finds nothing on the node. */
export function pullMs(image: Image): number {
  return resolveMs + Math.ceil(image.sizeBytes / bytesPerMs);
}

/** containerd's message for a reference that the registry does not have (or hides: docker.io does not say which). */
export function pullError(reference: ImageReference): string {
  const name = reference.canonical;
  const head = `rpc error: code = NotFound desc = failed to pull and unpack image "${name}": failed to resolve reference "${name}"`;
  return `${head}: ${name}: not found`;
}

/** A repository that does not exist at docker.io answers like one that is private. */
export function accessDenied(reference: ImageReference): string {
  const name = reference.canonical;
  const head = `rpc error: code = Unknown desc = failed to pull and unpack image "${name}": failed to resolve reference "${name}"`;
  return `${head}: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`;
}

/**
 * Undefined when the registry gives the image to whoever has these logins, else what the runtime says. The registry asks for a name and
 * password (HTTP's Basic scheme); messages are containerd's (core/remotes/docker: authorizer.go, resolver.go).
 */
export function loginRefusal({ login }: Image, reference: ImageReference, logins: readonly RegistryLogin[]): string | undefined {
  if (!login || logins.some(({ username, password }) => username === login.username && password === login.password)) return undefined;
  const name = reference.canonical;
  const head = `rpc error: code = Unknown desc = failed to pull and unpack image "${name}": failed to resolve reference "${name}"`;
  if (logins.length === 0)
    return `${head}: pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials`;
  const manifest = `https://${reference.domain}/v2/${reference.path}/manifests/${reference.digest ?? reference.tag}`;
  return `${head}: unexpected status from HEAD request to ${manifest}: 401 Unauthorized`;
}

export type { RegistryLogin };
