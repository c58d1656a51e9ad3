/** A learner's shell for whole-system tests: each call runs lines of input on the control plane and gives what was printed. */
import { createCluster } from '../../src/emulator/cluster/index.ts';
import type { Cluster, ClusterSpec } from '../../src/emulator/cluster/index.ts';
import { textOf } from '../../src/emulator/kernel/index.ts';
import { startScript } from '../../src/lab/script.ts';
import { programs } from '../../src/terminal/programs.ts';

const stepMs = 250;
const limitMs = 300_000;

export interface TestShell {
  readonly cluster: Cluster;
  /** Runs the lines; standard output and error, trimmed at the end. */
  run(text: string): string;
  /** Applies a manifest and lets things settle. Throws when it is refused. */
  apply(manifest: string): void;
}

export function bootShell(spec: ClusterSpec = {}): TestShell {
  const cluster = createCluster({ ...spec, programs });
  const run = (text: string): string => {
    let output = '';
    const running = startScript(cluster.kernel, cluster.machine('control-plane')!, {
      text: `${text}\n`,
      thinkMs: 0,
      onOutput: (_, bytes) => {
        output += textOf(bytes);
      },
    });
    for (let passed = 0; running.exitCode === undefined; passed += stepMs) {
      if (passed > limitMs) throw new Error(`after ${limitMs / 1000} s this still runs: ${text}\n${output}`);
      cluster.advance(stepMs);
    }
    return output.trimEnd();
  };
  return {
    cluster,
    run,
    apply(manifest) {
      const output = run(`kubectl apply -f - <<'END'\n${manifest}\nEND\n[ $? = 0 ] || echo REFUSED`);
      if (output.endsWith('REFUSED')) throw new Error(output);
      cluster.settle();
    },
  };
}
