/** The corpus. An area is one file here and one line in this list. */
import type { Area } from '../area.ts';
import { autoscaling } from './autoscaling.ts';
import { changes } from './changes.ts';
import { config } from './config.ts';
import { core } from './core.ts';
import { coverage } from './coverage.ts';
import { debug } from './debug.ts';
import { flags } from './flags.ts';
import { extensions } from './extensions.ts';
import { gateway } from './gateway.ts';
import { kustomize } from './kustomize.ts';
import { mistakes } from './mistakes.ts';
import { network } from './network.ts';
import { nodes } from './nodes.ts';
import { plugins } from './plugins.ts';
import { policy } from './policy.ts';
import { preferences } from './preferences.ts';
import { serverSide } from './server-side.ts';
import { storage } from './storage.ts';
import { workloads } from './workloads.ts';

export const areas: readonly Area[] = [
  core,
  nodes,
  autoscaling,
  changes,
  config,
  coverage,
  debug,
  flags,
  gateway,
  kustomize,
  mistakes,
  network,
  plugins,
  policy,
  preferences,
  serverSide,
  storage,
  workloads,
  extensions,
];
