/** `images`: new names, tags and digests for the images of containers, wherever they stand. Upstream: api/filters/imagetag, api/internal/image. */
import type { Json } from '../json.ts';
import { changeFields, type FieldSpec } from './field-path.ts';
import type { ImageChange } from './kustomization.ts';
import type { Transform } from './patches.ts';

export function changeImages(change: ImageChange, specs: readonly FieldSpec[]): Transform {
  // The name is a pattern, as upstream has it.
  const pattern = new RegExp(`^${change.name ?? ''}(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$`);
  const rename = (image: Json): Json => (typeof image === 'string' && pattern.test(image) ? changed(image, change) : image);
  return (resources) => {
    for (const { object } of resources.items) {
      if (object.kind !== 'CustomResourceDefinition') renameInContainers(object, rename);
      changeFields(object, specs, () => '', rename);
    }
  };
}

/** Any list called containers or initContainers counts, at whatever depth. */
function renameInContainers(value: Json, rename: (image: Json) => Json): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries<Json>(value)) {
    renameInContainers(child, rename);
    if ((key !== 'containers' && key !== 'initContainers') || !Array.isArray(child)) continue;
    for (const container of child) if (container?.image !== undefined) container.image = rename(container.image);
  }
}

function changed(image: string, { newName, newTag, digest: newDigest, tagSuffix }: ImageChange): string {
  const parts = split(image);
  let { tag, digest } = parts;
  if (newTag && newDigest) [tag, digest] = [newTag, newDigest];
  else if (newTag) [tag, digest] = [newTag, ''];
  else if (newDigest) [tag, digest] = ['', newDigest];
  else if (tagSuffix) [tag, digest] = [tag + tagSuffix, ''];
  return `${newName || parts.name}${tag ? `:${tag}` : ''}${digest ? `@${digest}` : ''}`;
}

/** `[[host[:port]/]component/]component[:tag][@digest]` */
function split(image: string): { readonly name: string; readonly tag: string; readonly digest: string } {
  const slash = Math.max(image.indexOf('/'), 0);
  const at = image.indexOf('@', slash);
  const end = at < 0 ? image.length : at;
  const colon = image.indexOf(':', slash);
  const hasTag = colon >= 0 && colon < end;
  return {
    name: image.slice(0, hasTag ? colon : end),
    tag: hasTag ? image.slice(colon + 1, end) : '',
    digest: at < 0 ? '' : image.slice(at + 1),
  };
}
