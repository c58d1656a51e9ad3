/**
 * Removes images that nothing uses, the one that was used longest ago first, when the disk is fuller than it should be
 * (upstream pkg/kubelet/images/image_gc_manager.go).
 *
 * Upstream looks every five minutes. Here that begins when an image comes to a disk that is full enough, or when images may grow
 * too old: most nodes never have anything to collect.
 */
import type { EventRecorder, EventSubject } from '../../client/index.ts';
import type { Image } from '../../images/image.ts';
import type { Kernel } from '../../kernel/index.ts';
import type { ContainerRuntime } from '../container-runtime/index.ts';

const periodMs = 300_000;

export interface ImageGCSettings {
  /** Of the disk's capacity. */
  readonly highPercent: number;
  readonly lowPercent: number;
  /** An image stays at least so long. */
  readonly minimumAgeMs: number;
  /** An image that nobody uses goes after so long; 0 is never. */
  readonly maximumAgeMs: number;
}

export interface ImageGCHost {
  readonly kernel: Kernel;
  readonly runtime: ContainerRuntime;
  readonly recorder: EventRecorder;
  readonly nodeRef: EventSubject;
  readonly settings: ImageGCSettings;
  readonly disk: () => { readonly capacity: number; readonly used: number };
  readonly log: (text: string) => void;
}

interface Known {
  readonly detectedMs: number;
  usedMs: number;
}

export class ImageGC {
  readonly #host: ImageGCHost;
  readonly #known = new Map<Image, Known>();
  #isDue = false;
  #isStopped = false;
  #hasFailed = false;

  constructor(host: ImageGCHost) {
    this.#host = host;
  }

  start(): void {
    this.#host.runtime.images.onChange = () => this.#noticed();
    this.#noticed();
  }

  stop(): void {
    this.#isStopped = true;
    this.#host.runtime.images.onChange = undefined;
  }

  /** Removes everything that nobody uses, as under pressure on the disk. Returns the bytes. */
  removeUnused(): number {
    this.#detect();
    return this.#remove(Number.POSITIVE_INFINITY, () => true);
  }

  #noticed(): void {
    this.#detect();
    const { settings } = this.#host;
    if (settings.maximumAgeMs > 0 || this.#percent >= settings.highPercent) this.#soon();
  }

  #soon(): void {
    if (this.#isDue || this.#isStopped) return;
    this.#isDue = true;
    const { loop } = this.#host.kernel;
    loop.after(periodMs - (loop.now % periodMs), this.#look, undefined, true);
  }

  get #percent(): number {
    const { capacity, used } = this.#host.disk();
    return Math.floor((used / capacity) * 100);
  }

  readonly #look = (): void => {
    this.#isDue = false;
    if (this.#isStopped) return;
    this.#detect();
    const { settings, kernel, log } = this.#host;
    const { now } = kernel.loop;
    if (settings.maximumAgeMs > 0) this.#remove(Number.POSITIVE_INFINITY, ({ usedMs }) => now - usedMs > settings.maximumAgeMs);
    const percent = this.#percent;
    if (percent >= settings.highPercent) {
      const { capacity, used } = this.#host.disk();
      const wanted = Math.trunc((capacity * (100 - settings.lowPercent)) / 100 - (capacity - used));
      log(
        `"Disk usage on image filesystem is over the high threshold, trying to free bytes down to the low threshold" usage=${percent} highThreshold=${settings.highPercent} amountToFree=${wanted} lowThreshold=${settings.lowPercent}`,
      );
      const freed = this.#remove(wanted, ({ detectedMs }) => now - detectedMs >= settings.minimumAgeMs);
      if (freed < wanted) this.#failed(wanted, freed);
      else this.#hasFailed = false;
    } else this.#hasFailed = false;
    if (settings.maximumAgeMs > 0 || this.#percent >= settings.highPercent) this.#soon();
  };

  #failed(wanted: number, freed: number): void {
    const { recorder, nodeRef } = this.#host;
    const why = `Failed to garbage collect required amount of images. Attempted to free ${wanted} bytes, but only found ${freed} bytes eligible to free.`;
    recorder.warning(nodeRef, 'FreeDiskSpaceFailed', why);
    // Only what fails again is an Event of its own.
    if (this.#hasFailed) recorder.warning(nodeRef, 'ImageGCFailed', why);
    this.#hasFailed = true;
  }

  #inUse(): ReadonlySet<Image> {
    const used = new Set<Image>();
    for (const { containers } of this.#host.runtime.sandboxes.values()) for (const { config } of containers) used.add(config.image);
    return used;
  }

  #detect(): void {
    const { now } = this.#host.kernel.loop;
    const used = this.#inUse();
    const present = new Set<Image>();
    for (const { image } of this.#host.runtime.images.list()) {
      present.add(image);
      const known = this.#known.get(image);
      if (!known) this.#known.set(image, { detectedMs: now, usedMs: now });
      else if (used.has(image)) known.usedMs = now;
    }
    for (const image of this.#known.keys()) if (!present.has(image)) this.#known.delete(image);
  }

  #remove(wanted: number, fits: (known: Known) => boolean): number {
    const { runtime, log } = this.#host;
    const used = this.#inUse();
    const candidates = [...this.#known]
      .filter(([image, known]) => !used.has(image) && fits(known))
      .sort(([, a], [, b]) => a.usedMs - b.usedMs || a.detectedMs - b.detectedMs);
    let freed = 0;
    for (const [image] of candidates) {
      if (freed >= wanted) break;
      log(`"Removing image to free bytes" imageID="${image.id}" size=${image.sizeBytes} runtimeHandler=""`);
      runtime.images.remove(image.id);
      this.#known.delete(image);
      freed += image.sizeBytes;
    }
    return freed;
  }
}
