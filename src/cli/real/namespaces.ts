/** The namespaces of one run: made under names of their own, filled with the start manifests, deleted at the end. */
import { randomBytes } from 'node:crypto';
import { CoreV1Api, KubernetesObjectApi } from '@kubernetes/client-node';
import type { KubeConfig, KubernetesObject } from '@kubernetes/client-node';
import type { LabDefinition } from '../../lab/format.ts';
import { UsageError } from '../usage-error.ts';
import { wordsOf } from './asks.ts';
import { objectsOf } from './start.ts';

const label = 'inside-kubernetes/lab';
/** Controllers put a ServiceAccount into every new namespace, without which no Pod is let in. */
const patienceMs = 30_000;

export class LabNamespaces {
  /** Real names by the lab's names. */
  readonly real: ReadonlyMap<string, string>;
  readonly #core: CoreV1Api;
  readonly #objects: KubernetesObjectApi;
  readonly #lab: LabDefinition;
  /** Those that this run has made, with their UIDs. */
  readonly #made = new Map<string, string>();

  constructor(config: KubeConfig, lab: LabDefinition) {
    this.#core = config.makeApiClient(CoreV1Api);
    this.#objects = KubernetesObjectApi.makeApiClient(config);
    this.#lab = lab;
    const names = new Set(['default']);
    for (const { kind, metadata } of objectsOf(lab)) if (kind === 'Namespace') names.add(metadata.name);
    const base = `labs-${lab.path.split('/')[1]!.slice(0, 30)}-${randomBytes(3).toString('hex')}`;
    this.real = new Map([...names].map((name) => [name, name === 'default' ? base : `${base}-${name}`.slice(0, 63)]));
  }

  async create(): Promise<void> {
    for (const name of this.real.values()) {
      try {
        const made = await this.#core.createNamespace({ body: { metadata: { name, labels: { [label]: this.#lab.id } } } });
        this.#made.set(name, made.metadata!.uid!);
      } catch (error) {
        throw new UsageError(`the namespace ${name} cannot be made: ${wordsOf(error)}`);
      }
    }
    for (const namespace of this.real.values()) await this.#awaitServiceAccount(namespace);
  }

  async applyStart(): Promise<void> {
    for (const object of objectsOf(this.#lab)) {
      if (object.kind === 'Namespace') continue;
      const namespace = this.real.get(object.metadata.namespace ?? 'default');
      if (namespace === undefined)
        throw new UsageError(`${this.#lab.path} cannot run on a real cluster: it begins with something in ${object.metadata.namespace}`);
      try {
        await this.#objects.create({ ...object, metadata: { ...object.metadata, namespace } } as KubernetesObject);
      } catch (error) {
        throw new UsageError(`${object.kind} ${object.metadata.name} of the lab's start: ${wordsOf(error)}`);
      }
    }
  }

  /** Only what this run has made: the UID has to be the same still. */
  async remove(): Promise<void> {
    for (const [name, uid] of this.#made) {
      try {
        await this.#core.deleteNamespace({ name, body: { preconditions: { uid } } });
      } catch (error) {
        process.stderr.write(`labs: the namespace ${name} is left behind: ${wordsOf(error)}\n`);
      }
    }
  }

  async #awaitServiceAccount(namespace: string): Promise<void> {
    for (const endMs = performance.now() + patienceMs; performance.now() < endMs; ) {
      const { items } = await this.#core.listNamespacedServiceAccount({ namespace });
      if (items.some(({ metadata }) => metadata?.name === 'default')) return;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new UsageError(`the cluster puts no ServiceAccount into ${namespace}`);
  }
}
