/** Brings images to the node for containers: pull policies, back-off and Events (upstream pkg/kubelet/images/image_manager.go). */
import type { Container, Pod } from '../../api/generated/types.ts';
import type { EventRecorder } from '../../client/index.ts';
import type { Image } from '../../images/image.ts';
import type { Call, Kernel } from '../../kernel/index.ts';
import { WaitQueue } from '../../kernel/index.ts';
import { formatDuration } from '../../machinery/duration.ts';
import type { ContainerRuntime, ImageReference, RegistryLogin } from '../container-runtime/index.ts';
import { accessDenied, dialTimeoutMs, loginRefusal, parseImageReference, pullError, pullMs } from '../container-runtime/index.ts';
import type { Backoff } from './backoff.ts';
import { fieldPathOf } from './container-path.ts';
import { ContainerStartError } from './start-error.ts';

export interface PullerParts {
  readonly kernel: Kernel;
  readonly runtime: ContainerRuntime;
  readonly recorder: EventRecorder;
  readonly backoff: Backoff;
}

const quoted = (text: string): string => JSON.stringify(text);

interface PullJob {
  readonly reference: ImageReference;
  readonly logins: readonly RegistryLogin[];
  readonly done: WaitQueue;
  startedMs: number;
  outcome: Image | ContainerStartError | undefined;
}

export class ImagePuller {
  readonly #parts: PullerParts;
  /** One at a time, the first is at work: `serializeImagePulls` is on by default. */
  readonly #jobs: PullJob[] = [];
  /** By `<uid>_<image>`, for the message while backing off. */
  readonly #lastErrors = new Map<string, string>();

  constructor(parts: PullerParts) {
    this.#parts = parts;
  }

  /** The image of a container, pulled if need be. Throws a `ContainerStartError` with the reason that the Pod's status shows. */
  *ensure(pod: Pod, container: Container, logins: readonly RegistryLogin[] = []): Call<Image> {
    const { kernel, runtime, recorder, backoff } = this.#parts;
    const name = container.image ?? '';
    const path = fieldPathOf(pod, container);
    const reference = parseImageReference(name);
    if (!reference) {
      const message = `Failed to apply default image tag ${quoted(name)}: couldn't parse image name ${quoted(name)}: invalid reference format`;
      recorder.warning(pod, 'InspectFailed', message, path);
      throw new ContainerStartError('InvalidImageName', message);
    }
    const present = runtime.images.find(reference);
    const policy = container.imagePullPolicy ?? 'IfNotPresent';
    if (present && policy !== 'Always') {
      recorder.normal(pod, 'Pulled', `Container image ${quoted(name)} already present on machine`, path);
      return present;
    }
    if (policy === 'Never') {
      const message = `Container image ${quoted(name)} is not present with pull policy of Never`;
      recorder.warning(pod, 'ErrImageNeverPull', message, path);
      throw new ContainerStartError('ErrImageNeverPull', message);
    }
    const key = `${pod.metadata.uid}_${name}`;
    if (backoff.leftSinceUpdate(key, kernel.loop.now) > 0) {
      recorder.normal(pod, 'BackOff', `Back-off pulling image ${quoted(name)}`, path);
      const last = this.#lastErrors.get(key);
      throw new ContainerStartError('ImagePullBackOff', `Back-off pulling image ${quoted(name)}${last === undefined ? '' : `: ${last}`}`);
    }
    recorder.normal(pod, 'Pulling', `Pulling image ${quoted(name)}`, path);
    const askedMs = kernel.loop.now;
    const job: PullJob = { reference, logins, done: new WaitQueue(), startedMs: 0, outcome: undefined };
    this.#jobs.push(job);
    if (this.#jobs.length === 1) kernel.fiber(this.#run());
    while (!job.outcome) yield* kernel.block(job.done, 'image-pull');
    if (job.outcome instanceof ContainerStartError) {
      recorder.warning(pod, 'Failed', `Failed to pull image ${quoted(name)}: ${job.outcome.message}`, path);
      backoff.next(key, kernel.loop.now, kernel.loop.now);
      this.#lastErrors.set(key, `ErrImagePull: ${job.outcome.message}`);
      throw job.outcome;
    }
    const took = formatDuration(kernel.loop.now - job.startedMs);
    const waited = formatDuration(kernel.loop.now - askedMs);
    recorder.normal(
      pod,
      'Pulled',
      `Successfully pulled image ${quoted(name)} in ${took} (${waited} including waiting). Image size: ${job.outcome.sizeBytes} bytes.`,
      path,
    );
    return job.outcome;
  }

  forget(uid: string): void {
    for (const key of this.#lastErrors.keys()) if (key.startsWith(uid)) this.#lastErrors.delete(key);
  }

  /** Works through the jobs one by one; it belongs to no Pod, so a Pod's end does not stop a pull half-way. */
  *#run(): Call<void> {
    const { kernel } = this.#parts;
    for (let job = this.#jobs[0]; job; job = this.#jobs[0]) {
      job.startedMs = kernel.loop.now;
      try {
        job.outcome = yield* this.#pull(job);
      } catch (error) {
        if (!(error instanceof ContainerStartError)) throw error;
        job.outcome = error;
      }
      this.#jobs.shift();
      job.done.wake();
    }
  }

  *#pull({ reference, logins }: PullJob): Call<Image> {
    const { kernel, runtime } = this.#parts;
    const failure = runtime.registry.failureOf(reference);
    if (failure !== undefined) {
      yield* kernel.sleep(failure.endsWith('i/o timeout') ? dialTimeoutMs : 600 + kernel.random.below(900));
      throw new ContainerStartError('ErrImagePull', failure);
    }
    const image = runtime.registry.find(reference);
    if (!image) {
      yield* kernel.sleep(600 + kernel.random.below(900));
      const isHidden = reference.domain === 'docker.io' && !runtime.registry.hasRepository(reference);
      throw new ContainerStartError('ErrImagePull', isHidden ? accessDenied(reference) : pullError(reference));
    }
    const refusal = loginRefusal(image, reference, logins);
    if (refusal !== undefined) {
      yield* kernel.sleep(300 + kernel.random.below(300));
      throw new ContainerStartError('ErrImagePull', refusal);
    }
    const isThere = runtime.images.list().some((known) => known.image === image);
    yield* kernel.sleep(isThere ? 60 + kernel.random.below(60) : pullMs(image) + kernel.random.below(200));
    runtime.images.add(reference, image);
    return image;
  }
}
