/**
 * The lab format `labs/v1`: what stands in a lab's folder, as data. `lab.yaml` is checked against
 * `static/schemas/lab-v1.json` when the labs are bundled, so what arrives here is well-formed.
 */
import type { CniChoice, NodeSpec } from '../emulator/cluster/index.ts';
import type { FaultList } from '../emulator/faults/index.ts';
import type { LabImage } from '../emulator/images/index.ts';

export interface LabCluster {
  /** Names, or nodes with their properties. The first is the control plane. */
  readonly nodes: readonly (string | NodeSpec)[];
  readonly seed: number;
  readonly images: readonly LabImage[];
  /** The network plugin; `bridge`, which enforces NetworkPolicies, by default. */
  readonly cni?: CniChoice | undefined;
  /** Addresses of both families for machines, Pods and Services. */
  readonly dualStack?: boolean | undefined;
  /** Addresses of IPv6 alone. */
  readonly ipv6?: boolean | undefined;
  /** Blocks of addresses other than the usual ones, as kubeadm's `networking` names them. */
  readonly podSubnet?: string | undefined;
  readonly serviceSubnet?: string | undefined;
  /** What is installed beside the usual: `metrics-server`. */
  readonly addons?: readonly string[] | undefined;
  /** What is broken before the learner arrives, or breaks later. */
  readonly faults?: FaultList | undefined;
  /** Virtual milliseconds between what is broken first and the learner's arrival; as long as the symptoms take if absent. */
  readonly brokenForMs?: number | undefined;
}

/** A nudge, or a place to look. */
export interface LabHint {
  readonly text: string;
  /** It is offered only while this test of `checks.ts` passes, which may be a task's or one that judges no task; absent: always. */
  readonly when?: string | undefined;
}

export interface LabTask {
  readonly id: string;
  readonly title: string;
  readonly points: number;
  /** Tasks that must be green first. */
  readonly needs: readonly string[];
  /** In the order in which they are given. */
  readonly hints: readonly LabHint[];
  /** Virtual milliseconds that the state must hold before the task counts. */
  readonly settleMs: number;
}

export interface LabScript {
  /** File name without its ending. */
  readonly name: string;
  readonly text: string;
}

export interface LabMistake extends LabScript {
  /** The task that it must fail. */
  readonly fails: string;
}

export interface LabDefinition {
  /** Never changes, e.g. `7f1c2b1e-self-healing`. */
  readonly id: string;
  /** `<chapter>/<folder>`, e.g. `architecture/self-healing`: what pages and commands say. */
  readonly path: string;
  readonly version: number;
  readonly title: string;
  readonly summary: string;
  readonly minutes: number;
  readonly difficulty: number;
  readonly concepts: readonly string[];
  readonly prerequisites: readonly string[];
  readonly exam: readonly { readonly cert: string; readonly domain: string }[];
  readonly cluster: LabCluster;
  /** Machines that get a terminal tab, the first one open. */
  readonly terminals: readonly string[];
  readonly tasks: readonly LabTask[];
  /** Manifests applied before the learner arrives, in the order of their file names. */
  readonly start: readonly LabScript[];
  /** Files of the learner's home folder by relative path. */
  readonly files: Readonly<Record<string, string>>;
  /** What happened inside, in Markdown; shown when all tasks are green. */
  readonly debrief: string;
}

/** What only authors, tests and the confirmed "show the solution" need. */
export interface LabSolutions {
  readonly solution: string;
  readonly alternatives: readonly LabScript[];
  readonly mistakes: readonly LabMistake[];
}

export const pointsOf = (lab: LabDefinition): number => lab.tasks.reduce((sum, task) => sum + task.points, 0);
