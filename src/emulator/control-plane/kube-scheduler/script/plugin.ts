import { ScriptError } from '../../../kernel/index.ts';
import type { Script, ScriptEngine } from '../../../kernel/index.ts';
import type { Cycle, NodeSet, PluginFactory } from '../framework.ts';
import { PluginFailure } from '../framework.ts';
import type { Answer } from './frame.ts';
import { frame } from './frame.ts';

const name = 'Script';
/** What scoring one Pod on all nodes may cost. */
const stepsPerPod = 1_000_000;

export interface ScriptHost {
  readonly engine: ScriptEngine | undefined;
  /** A line of the script's own. */
  log(file: string, line: string): void;
  /** The script is to be closed with the process. */
  own(script: Script): void;
}

/** A Score plugin whose opinion is a file: `args.file` defines `score(pod, node)`, which returns 0 to 100. */
export function scriptPlugin({ engine, log, own }: ScriptHost): PluginFactory {
  return {
    name,
    points: ['score'],
    make(args, { readFile }) {
      const { file } = (args ?? {}) as { readonly file?: unknown };
      if (typeof file !== 'string' || file === '') throw new Error('args.file: Required value');
      const text = readFile(file);
      if (text === undefined) throw new Error(`open ${file}: no such file or directory`);
      if (!engine) throw new Error('there is no interpreter for scripts here');
      const shortName = file.slice(file.lastIndexOf('/') + 1);
      const script = load(engine, shortName, text);
      own(script);
      return {
        name,
        preScore: (cycle) => (nodes, out) => {
          const { scores, lines, problem } = ask(script, cycle, nodes);
          for (const line of lines) log(shortName, line);
          if (problem !== undefined) throw failure(problem);
          for (let n = 0; n < nodes.count; n++) out[n] = inRange(scores[n]!);
        },
      };
    },
  };
}

function load(engine: ScriptEngine, fileName: string, text: string): Script {
  const script = engine.load(
    [
      { name: 'frame.js', text: frame },
      { name: fileName, text },
    ],
    stepsPerPod,
  );
  if (script.call('hasScore', '') === 'yes') return script;
  script.close();
  throw new Error(`${fileName} defines no function score(pod, node)`);
}

function ask(script: Script, cycle: Cycle, nodes: NodeSet): Answer {
  try {
    return JSON.parse(script.call('scoreNodes', JSON.stringify(inputOf(cycle, nodes))));
  } catch (error) {
    if (error instanceof ScriptError) throw failure(error.message);
    throw error;
  }
}

/** What a script sees: amounts of CPU in thousandths, of memory in bytes; requests, never usage. */
function inputOf({ pod, podClass, cache }: Cycle, { indices, count }: NodeSet): object {
  const nodes = Array.from({ length: count }, (_, n) => {
    const { index, name: nodeName, node, pods } = cache.nodes[indices[n]!]!;
    return {
      name: nodeName,
      labels: node.metadata.labels ?? {},
      annotations: node.metadata.annotations ?? {},
      taints: node.spec?.taints ?? [],
      cpu: { allocatable: cache.cpu.allocatable[index], requested: cache.cpu.requested[index] },
      memory: { allocatable: cache.memory.allocatable[index], requested: cache.memory.requested[index] },
      pods: [...pods].map(({ pod: { metadata } }) => ({
        namespace: metadata.namespace,
        name: metadata.name,
        labels: metadata.labels ?? {},
      })),
    };
  });
  const { namespace, name: podName, labels = {}, annotations = {} } = pod.metadata;
  return {
    pod: { namespace, name: podName, labels, annotations, spec: pod.spec, cpu: podClass.cpuMilli, memory: podClass.memoryBytes },
    nodes,
  };
}

function inRange(score: number): number {
  if (score >= 0 && score <= 100) return score;
  throw new PluginFailure(
    `applying score defaultWeights on Score plugins: plugin "${name}" returns an invalid score ${score}, it should in the range of [0, 100] after normalizing`,
  );
}

const failure = (problem: string): PluginFailure => new PluginFailure(`running Score plugins: plugin "${name}" failed with: ${problem}`);
