/** A part of the corpus: what the real kubectl and ours are both asked to do, on a pair of equal clusters of its own. */
export interface Area {
  readonly name: string;
  /** Only an API server, in which nothing changes by itself. */
  readonly cluster: 'control-plane';
  /** Manifests and the like that both find in their working directory. */
  readonly files: Readonly<Record<string, string>>;
  /** In this order. A word with blanks or quotes stands in single quotes. */
  readonly commands: readonly string[];
}
