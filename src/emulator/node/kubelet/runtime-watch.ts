/**
 * How the container runtime and its network are, as the kubelet finds out every five seconds (pkg/kubelet/kubelet.go,
 * updateRuntimeUp, and runtime.go). While all is well nobody asks: the runtime and the folder of its network configuration tell
 * when something changes.
 *
 * - A runtime that does not answer is called down after 30 s, and its PLEG unhealthy after three minutes.
 * - containerd loads the first configuration in /etc/cni/net.d whenever something there changes, and forgets what it had before:
 *   without one a node has no network (containerd/go-cni, Load). With a template of its own (`conf_template`) it writes one once a
 *   kubelet has told it the node's block.
 */
import type { Kernel, Machine } from '../../kernel/index.ts';
import { FolderWatch } from '../../kernel/index.ts';
import { formatDuration } from '../../machinery/duration.ts';
import { CniError, cniConfigDirectory, loadCniPlugin, renderCniTemplate } from '../cni/index.ts';
import type { ContainerRuntime } from '../container-runtime/index.ts';
import { unavailable } from '../container-runtime/index.ts';
import { NodeNetwork } from '../network/index.ts';

const pollMs = 5000;
/** runtime.go, baseRuntimeSyncThreshold. */
const patienceMs = 30_000;
/** pkg/kubelet/pleg/generic.go, relistThreshold. */
const relistThresholdMs = 180_000;

const networkMessage = 'NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized';

export interface RuntimeWatchOptions {
  readonly kernel: Kernel;
  readonly machine: Machine;
  readonly runtime: ContainerRuntime;
  readonly log: (text: string) => void;
  /** The node became ready or not. */
  readonly onTurn: () => void;
  /** The runtime answers again: what happened meanwhile is unknown. */
  readonly onBack: () => void;
}

export class RuntimeWatch {
  /** Why Pods get no network; undefined when they do. */
  networkProblem: string | undefined;
  readonly #options: RuntimeWatchOptions;
  readonly #folder: FolderWatch;
  /** What the runtime was told. */
  #blocks: string | undefined;
  /** Since when the runtime has not answered. */
  #silentMs: number | undefined;
  #isDown = false;
  #isDue = false;
  #isStopped = false;

  constructor(options: RuntimeWatchOptions) {
    this.#options = options;
    this.#folder = new FolderWatch(options.machine.fs, cniConfigDirectory, () => this.#soon());
  }

  start(): void {
    this.#options.runtime.onServing = () => this.#soon();
    this.#findNetwork();
    if (!this.#options.runtime.isServing || this.networkProblem !== undefined) this.#soon();
  }

  stop(): void {
    this.#isStopped = true;
    this.#options.runtime.onServing = undefined;
    this.#folder.stop();
  }

  /** In the words of the node's condition Ready; undefined when all is well. */
  get problem(): string | undefined {
    const problems = [this.#runtimeProblem(), this.networkProblem].filter((problem) => problem !== undefined);
    return problems.length > 1 ? `[${problems.join(', ')}]` : problems[0];
  }

  /** What changes when the node's condition does: times in its message do not. */
  get state(): string {
    const { now } = this.#options.kernel.loop;
    const isPlegIll = this.#silentMs !== undefined && now - this.#silentMs > relistThresholdMs;
    return `${this.#isDown}/${isPlegIll}/${this.networkProblem === undefined}`;
  }

  /** The node's blocks of Pod addresses, as the API has them: the kubelet tells the runtime once. */
  setBlocks(podCIDRs: readonly string[]): void {
    const { machine, runtime } = this.#options;
    const blocks = podCIDRs.join(',');
    if (blocks === '' || blocks === this.#blocks) return;
    this.#blocks = blocks;
    if (this.networkProblem === undefined || !runtime.isServing) return;
    if (renderCniTemplate(machine.fs, podCIDRs)) this.#look();
  }

  #runtimeProblem(): string | undefined {
    if (!this.#isDown) return undefined;
    const silentMs = this.#options.kernel.loop.now - this.#silentMs!;
    if (silentMs <= relistThresholdMs) return 'container runtime is down';
    return `[container runtime is down, PLEG is not healthy: pleg was last seen active ${formatDuration(silentMs)} ago; threshold is 3m0s]`;
  }

  readonly #due = (): void => {
    this.#isDue = false;
    if (!this.#isStopped) this.#look();
  };

  #soon(): void {
    if (this.#isDue || this.#isStopped) return;
    this.#isDue = true;
    const { loop } = this.#options.kernel;
    loop.after(pollMs - (loop.now % pollMs), this.#due, undefined, true);
  }

  #look(): void {
    const { kernel, runtime, log, onTurn, onBack } = this.#options;
    const isBack = runtime.isServing && this.#silentMs !== undefined;
    const wasReady = !this.#isDown && this.networkProblem === undefined;
    if (runtime.isServing) {
      this.#silentMs = undefined;
      this.#isDown = false;
      this.#findNetwork();
      if (this.networkProblem !== undefined) log(`"Container runtime network not ready" networkReady="${networkMessage}"`);
    } else {
      this.#silentMs ??= kernel.loop.now;
      this.#isDown = kernel.loop.now - this.#silentMs >= patienceMs;
      log(`"Container runtime sanity check failed" err=${JSON.stringify(unavailable)}`);
      if (this.#isDown) log(`"Skipping pod synchronization" err="${this.#runtimeProblem()}"`);
    }
    const isReady = !this.#isDown && this.networkProblem === undefined;
    if (!runtime.isServing || this.networkProblem !== undefined) this.#soon();
    if (isReady !== wasReady) onTurn();
    if (isBack) onBack();
  }

  #findNetwork(): void {
    this.#folder.look();
    this.networkProblem = this.#hasPlugin() ? undefined : `container runtime network not ready: ${networkMessage}`;
  }

  #hasPlugin(): boolean {
    const node = this.#options.machine.services.get('network');
    try {
      return node instanceof NodeNetwork && loadCniPlugin(this.#options.machine.fs, node) !== undefined;
    } catch (error) {
      // A broken configuration is none, until somebody mends it.
      if (error instanceof CniError) return false;
      throw error;
    }
  }
}
