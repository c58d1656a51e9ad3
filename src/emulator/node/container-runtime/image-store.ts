import type { Image } from '../../images/image.ts';
import type { ImageReference } from './image-reference.ts';

/** What one node has of images: `ImageService` of the CRI. */
export class ImageStore {
  /** By normalised name. */
  readonly #byName = new Map<string, Image>();
  /** Raised with every change, for the node's status. */
  revision = 0;
  /** Called when an image has come. */
  onChange: (() => void) | undefined;

  find(reference: ImageReference): Image | undefined {
    if (!reference.digest) return this.#byName.get(reference.canonical);
    for (const image of this.#byName.values())
      if (image.repository === reference.repository && image.digest === reference.digest) return image;
    return undefined;
  }

  add(reference: ImageReference, image: Image): void {
    if (this.#byName.get(reference.canonical) === image) return;
    this.#byName.set(reference.canonical, image);
    this.revision++;
    this.onChange?.();
  }

  /** Forgets an image by a name, or by (the beginning of) its id. False if there is none. */
  remove(name: string): boolean {
    const names = [...this.#byName]
      .filter(([canonical, image]) => canonical === name || image.id.slice(7).startsWith(name.replace(/^sha256:/, '')))
      .map(([canonical]) => canonical);
    for (const canonical of names) this.#byName.delete(canonical);
    if (names.length > 0) this.revision++;
    return names.length > 0;
  }

  /** Every image with the names that it has here. */
  list(): { readonly image: Image; readonly tags: readonly string[] }[] {
    const images = new Map<Image, string[]>();
    for (const [name, image] of this.#byName) {
      const tags = images.get(image);
      if (tags) tags.push(name);
      else images.set(image, [name]);
    }
    return [...images].map(([image, tags]) => ({ image, tags }));
  }
}
