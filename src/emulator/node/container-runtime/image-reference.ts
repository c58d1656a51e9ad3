/**
 * Names of images, as `github.com/distribution/reference` normalises them: a short name belongs to docker.io, a name
 * without a slash to `library/`, and a reference without tag or digest means `latest`.
 */
export interface ImageReference {
  /** Registry host, e.g. `docker.io`. */
  readonly domain: string;
  /** Path in the registry, e.g. `library/nginx`. */
  readonly path: string;
  /** Absent when only a digest was given. */
  readonly tag: string | undefined;
  /** `sha256:…`, if the reference names one. */
  readonly digest: string | undefined;
  /** `docker.io/library/nginx`. */
  readonly repository: string;
  /** The whole, normalised name: `docker.io/library/nginx:latest`. */
  readonly canonical: string;
}

const component = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const domainPattern = /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\.(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?))*(?::\d+)?$/;
const tagPattern = /^\w[\w.-]{0,127}$/;

const parsed = new Map<string, ImageReference | undefined>();

/** Undefined when the text is no image reference (InvalidImageName). */
export function parseImageReference(text: string): ImageReference | undefined {
  if (parsed.has(text)) return parsed.get(text);
  const reference = parse(text);
  if (parsed.size > 4096) parsed.clear();
  parsed.set(text, reference);
  return reference;
}

function parse(text: string): ImageReference | undefined {
  const at = text.indexOf('@');
  const digest = at < 0 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !/^sha256:[0-9a-f]{64}$/.test(digest)) return undefined;
  let name = at < 0 ? text : text.slice(0, at);
  let tag: string | undefined;
  const colon = name.lastIndexOf(':');
  if (colon > name.lastIndexOf('/')) {
    tag = name.slice(colon + 1);
    name = name.slice(0, colon);
    if (!tagPattern.test(tag)) return undefined;
  }
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const isDomain = first.includes('.') || first.includes(':') || first === 'localhost' || first !== first.toLowerCase();
  const domain = isDomain ? (first === 'index.docker.io' ? 'docker.io' : first) : 'docker.io';
  let path = isDomain ? name.slice(slash + 1) : name;
  if (domain === 'docker.io' && !path.includes('/')) path = `library/${path}`;
  if (!domainPattern.test(domain) || path === '' || !path.split('/').every((part) => component.test(part))) return undefined;
  if (tag === undefined && digest === undefined) tag = 'latest';
  const repository = `${domain}/${path}`;
  return { domain, path, tag, digest, repository, canonical: repository + (tag ? `:${tag}` : '') + (digest ? `@${digest}` : '') };
}
