/** A part of the corpus: what the real kubectl and ours are both asked to do, on a pair of equal clusters of its own. */
export interface Area {
  readonly name: string;
  /**
   * `control-plane` is only an API server, in which nothing changes by itself; `nodes` is a booted cluster with a control-plane
   * node and two workers, in which everything runs.
   */
  readonly cluster: 'control-plane' | 'nodes';
  /** Manifests and the like that both find in their working directory, which is their home; what lies in `bin/` is in their PATH. */
  readonly files: Readonly<Record<string, string>>;
  /**
   * In this order. A word with blanks or quotes stands in single quotes. Between two commands both clusters go on to the next
   * full second; on `nodes`, `settle` as a command of its own lets both run until they are settled.
   */
  readonly commands: readonly string[];
}

/** Programs lie in `bin/`, but for those whose names say that they are none. */
export const modeOf = (name: string): number => (name.startsWith('bin/') && !name.endsWith('-text') ? 0o755 : 0o644);
