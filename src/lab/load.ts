/** How a bundled lab is loaded: the definition at once, solutions only when they are asked for. */
import type { Checks } from './api.ts';
import type { LabDefinition, LabSolutions } from './format.ts';

export interface LoadedLab {
  readonly lab: LabDefinition;
  /** Loaded when the tasks are looked at first: it brings the matchers. */
  readonly checks: () => Promise<Checks>;
  readonly solutions: () => Promise<LabSolutions>;
}
