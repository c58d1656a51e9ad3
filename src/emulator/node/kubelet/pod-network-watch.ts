import type { Kernel, Machine } from '../../kernel/index.ts';
import { CniError, loadCniPlugin, renderCniTemplate } from '../cni/index.ts';
import { NodeNetwork } from '../network/index.ts';

/** How often the kubelet asks its runtime how it is (pkg/kubelet/kubelet.go, updateRuntimeUp). */
const pollMs = 5000;

const notInitialized =
  'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized';

/**
 * Whether the node has a Pod network. With a template of its own, the runtime writes the configuration once it is told the node's
 * block (containerd's `conf_template`); else it waits for somebody, a DaemonSet as a rule, to put one into /etc/cni/net.d.
 */
export class PodNetworkWatch {
  /** In the words of the node's condition Ready; undefined when all is well. */
  problem: string | undefined;
  readonly #kernel: Kernel;
  readonly #machine: Machine;
  readonly #onReady: () => void;
  #isPolling = false;
  #isStopped = false;

  constructor(kernel: Kernel, machine: Machine, onReady: () => void) {
    this.#kernel = kernel;
    this.#machine = machine;
    this.#onReady = onReady;
  }

  check(): void {
    this.problem = this.#hasPlugin() ? undefined : notInitialized;
  }

  /** The node's block of Pod addresses, as the API has it. */
  setBlocks(podCIDRs: readonly string[]): void {
    if (podCIDRs.length === 0 || this.problem === undefined || this.#isPolling) return;
    if (renderCniTemplate(this.#machine.fs, podCIDRs)) return this.#look();
    this.#isPolling = true;
    this.#kernel.loop.after(pollMs, poll, this, true);
  }

  poll(): void {
    if (this.#isStopped) return;
    this.#look();
    if (this.problem !== undefined) this.#kernel.loop.after(pollMs, poll, this, true);
  }

  stop(): void {
    this.#isStopped = true;
  }

  #look(): void {
    this.check();
    if (this.problem === undefined) this.#onReady();
  }

  #hasPlugin(): boolean {
    const node = this.#machine.services.get('network');
    try {
      return node instanceof NodeNetwork && loadCniPlugin(this.#machine.fs, node) !== undefined;
    } catch (error) {
      // A broken configuration is none, until somebody mends it.
      if (error instanceof CniError) return false;
      throw error;
    }
  }
}

const poll = (watch: PodNetworkWatch): void => watch.poll();
