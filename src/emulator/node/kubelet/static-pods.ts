/** Pods from files: the folder is watched, each file is one Pod, and a broken one is reported (upstream pkg/kubelet/config/file.go). */
import { pods } from '../../api/core/pod.ts';
import type { Pod } from '../../api/generated/types.ts';
import { digestOf } from '../../images/image.ts';
import type { FileSystem, Kernel } from '../../kernel/index.ts';
import { FolderWatch, isErrno, textOf } from '../../kernel/index.ts';
import { decode } from '../../machinery/decode.ts';
import { aggregateText, fieldErrorText } from '../../machinery/field-error.ts';
import { parseYaml } from '../../machinery/yaml.ts';

/** fileCheckFrequency: the folder is read again even if nothing was noticed. */
const checkMs = 20_000;
/** Writes that come together are read together. */
const debounceMs = 200;

export interface StaticPodsOptions {
  readonly kernel: Kernel;
  readonly fs: FileSystem;
  readonly path: string;
  readonly nodeName: string;
  readonly log: (text: string) => void;
  /** The Pods that the files describe now. */
  readonly onChange: (pods: readonly Pod[]) => void;
}

export class StaticPods {
  readonly #options: StaticPodsOptions;
  readonly #files = new Map<string, { text: string | undefined; readonly pod: Pod | undefined }>();
  readonly #folder: FolderWatch;
  #isScheduled = false;
  #isStopped = false;
  #isMissing = false;

  constructor(options: StaticPodsOptions) {
    this.#options = options;
    this.#folder = new FolderWatch(options.fs, options.path, () => this.#notice());
  }

  start(): void {
    this.#read();
    this.#options.kernel.loop.after(checkMs, this.#check, undefined, true);
  }

  stop(): void {
    this.#isStopped = true;
    this.#folder.stop();
  }

  readonly #check = (): void => {
    if (this.#isStopped) return;
    // A file that cannot be read is complained of at every look, as upstream's listConfig does.
    for (const file of this.#files.values()) if (!file.pod) file.text = undefined;
    this.#read();
    this.#options.kernel.loop.after(checkMs, this.#check, undefined, true);
  };

  #notice(): void {
    if (this.#isScheduled || this.#isStopped) return;
    this.#isScheduled = true;
    this.#options.kernel.loop.after(debounceMs, this.#readSoon, undefined);
  }

  readonly #readSoon = (): void => {
    this.#isScheduled = false;
    if (!this.#isStopped) this.#read();
  };

  #read(): void {
    const { fs, path, log, onChange } = this.#options;
    this.#folder.look();
    let names: string[];
    try {
      names = fs.list(path);
      this.#isMissing = false;
    } catch (error) {
      if (!isErrno(error)) throw error;
      if (!this.#isMissing) log(`"Unable to read config path" err="path does not exist, ignoring" path="${path}"`);
      this.#isMissing = true;
      names = [];
    }
    let isChanged = false;
    const seen = new Set<string>();
    for (const name of names) {
      const file = `${path}/${name}`;
      const inode = fs.find(file);
      if (name.startsWith('.') || inode?.kind !== 'file') continue;
      seen.add(file);
      const text = textOf(fs.readFile(file));
      if (this.#files.get(file)?.text === text) continue;
      const pod = this.#decode(file, text);
      isChanged ||= pod !== undefined || this.#files.get(file)?.pod !== undefined;
      this.#files.set(file, { text, pod });
    }
    for (const file of this.#files.keys()) {
      if (seen.has(file)) continue;
      this.#files.delete(file);
      isChanged = true;
    }
    if (isChanged) onChange([...this.#files.values()].flatMap(({ pod }) => (pod ? [pod] : [])));
  }

  #decode(file: string, text: string): Pod | undefined {
    const { nodeName, log, kernel } = this.#options;
    try {
      const draft = decodePod(text);
      // A name or content that changes makes another Pod, as upstream hashes host, file and content into the UID.
      const hash = digestOf(`${nodeName} ${file} ${text}`).slice(7, 39);
      const { name, namespace = 'default' } = draft.metadata;
      const annotations = {
        ...draft.metadata.annotations,
        'kubernetes.io/config.hash': hash,
        'kubernetes.io/config.seen': kernel.clock.microTime().replace(/0{3}Z$/, '000000Z'),
        'kubernetes.io/config.source': 'file',
      };
      const pod = pods.setDefaults({
        ...draft,
        metadata: {
          ...draft.metadata,
          name: `${name}-${nodeName}`,
          namespace,
          uid: hash,
          annotations,
          creationTimestamp: kernel.clock.timestamp(),
          resourceVersion: '',
        },
        spec: { ...draft.spec, nodeName, tolerations: [...(draft.spec.tolerations ?? []), { operator: 'Exists', effect: 'NoExecute' }] },
      });
      const errors = pods.validate(pod);
      if (errors.length > 0) throw new Error(`invalid pod: ${aggregateText(errors.map(fieldErrorText))}`);
      return pod;
    } catch (error) {
      log(
        `"Could not process manifest file" err="${file}: couldn't parse as pod(${(error as Error).message}), please check config file" path="${file}"`,
      );
      return undefined;
    }
  }
}

/** What a manifest says, with values of the right types. Throws an Error in the decoder's words. */
function decodePod(text: string): Pod {
  const value = parseYaml(text) as { readonly kind?: unknown; readonly apiVersion?: unknown } | null;
  if (typeof value !== 'object' || value === null || !value.kind) throw new Error(`Object 'Kind' is missing in '${JSON.stringify(value)}'`);
  if (value.kind !== 'Pod' || value.apiVersion !== 'v1')
    throw new Error(`invalid pod: kind ${String(value.kind)} of ${String(value.apiVersion)} is no Pod of v1`);
  const { object } = decode<Pod>(value, pods.model);
  return { ...object, spec: object.spec ?? { containers: [] } };
}
