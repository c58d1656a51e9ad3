/**
 * `labs check LAB --kubeconfig FILE`: the same checks against a cluster that is not ours, through the official client.
 *
 * - A lab gets namespaces of its own, made here, under other names than in the lab; checks see them under the lab's names. Nothing
 *   outside of them is read or written, and at the end exactly they are deleted.
 * - History is what was watched since the beginning. Who made a change is not in a watch, so labs that ask for it are refused; so is
 *   every lab that needs machines, nodes or images that only an emulated cluster has: see `reasonsAgainst`.
 * - Contexts that look like production are refused unless that is said to be meant.
 */
import { KubeConfig } from '@kubernetes/client-node';
import { createContext } from '../../lab/context.ts';
import { pointsOf } from '../../lab/format.ts';
import type { GradedLab } from '../../lab/grading/grade-lab.ts';
import { earnedOf } from '../../lab/grading/result.ts';
import type { LabResult } from '../../lab/grading/result.ts';
import { HistoryRecorder } from '../../lab/history.ts';
import { TaskBoard } from '../../lab/tasks.ts';
import { UsageError } from '../usage-error.ts';
import { reasonsAgainst } from './fitness.ts';
import { LabNamespaces } from './namespaces.ts';
import { refuseProduction } from './production.ts';
import { RealReader } from './reader.ts';

export interface RealOptions {
  /** Its text. */
  readonly kubeconfig: string;
  readonly context?: string | undefined;
  readonly allowProduction: boolean;
  /** How long the learner may take. */
  readonly waitMs: number;
  /** The learner has had enough. */
  readonly stop: AbortSignal;
  /** The lab stands; its namespaces by the lab's names. */
  readonly onReady: (namespaces: ReadonlyMap<string, string>) => void;
  readonly onGreen: (task: string) => void;
}

const lookEveryMs = 1000;

export async function checkOnRealCluster(graded: GradedLab, options: RealOptions): Promise<LabResult> {
  const reasons = await reasonsAgainst(graded);
  if (reasons.length > 0) throw new UsageError(`${graded.lab.path} cannot run on a real cluster: ${reasons.join('; ')}`);
  const config = configOf(options);
  if (!options.allowProduction) refuseProduction(config);
  const namespaces = new LabNamespaces(config, graded.lab);
  try {
    await namespaces.create();
    return await attend(graded, config, namespaces, options);
  } finally {
    await namespaces.remove();
  }
}

function configOf({ kubeconfig, context }: RealOptions): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromString(kubeconfig);
  } catch (error) {
    throw new UsageError(`--kubeconfig: ${(error as Error).message}`);
  }
  if (context !== undefined) {
    if (!config.getContextObject(context))
      throw new UsageError(
        `--context ${context}: the kubeconfig has ${
          config
            .getContexts()
            .map(({ name }) => name)
            .join(', ') || 'none'
        }`,
      );
    config.setCurrentContext(context);
  }
  if (!config.getCurrentCluster()) throw new UsageError('--kubeconfig: it has no current context; name one with --context');
  return config;
}

async function attend(graded: GradedLab, config: KubeConfig, namespaces: LabNamespaces, options: RealOptions): Promise<LabResult> {
  const { lab } = graded;
  const history = new HistoryRecorder();
  const reader = new RealReader(config, namespaces.real, history);
  const board = new TaskBoard(lab, graded.checks);
  const context = createContext(reader, history);
  try {
    await reader.start();
    await namespaces.applyStart();
    options.onReady(namespaces.real);
    while (reader.nowMs < options.waitMs && !options.stop.aborted && !board.isDone) {
      for (const id of await board.look(context, reader.nowMs, (green) => history.greenAtMs.set(green, reader.nowMs))) options.onGreen(id);
      if (!board.isDone) await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
  } finally {
    reader.stop();
  }
  const tasks = lab.tasks.map(({ id, title, points }, i) => {
    const { state, greenAtMs, message } = board.states[i]!;
    const isGreen = state === 'green';
    const found = isGreen ? undefined : (message ?? 'not reached: it needs a task that is not green');
    return {
      id,
      title,
      points,
      earned: isGreen ? points : 0,
      state,
      greenAtMs,
      message: found,
      hidden: graded.hidden?.has(id) || undefined,
    };
  });
  return {
    lab: { id: lab.id, path: lab.path, version: lab.version, title: lab.title },
    source: { kind: 'cluster', file: config.getCurrentContext() },
    tasks,
    earned: earnedOf(tasks),
    possible: pointsOf(lab),
    notes: [],
    annotations: [],
    workedMs: reader.nowMs,
    steps: 0,
    help: { hints: [], solutionViewed: false },
    trail: { requests: 0, same: '', renamed: '' },
  };
}
