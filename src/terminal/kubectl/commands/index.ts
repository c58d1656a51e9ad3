/** The verbs of kubectl, in the groups and the order of its overview. */
import type { Command, CommandGroup } from '../command.ts';
import { annotate } from './annotate/index.ts';
import { apiResources, apiVersions } from './api-resources/index.ts';
import { apply } from './apply/index.ts';
import { attach } from './attach/index.ts';
import { auth } from './auth/index.ts';
import { autoscale } from './autoscale/index.ts';
import { certificate } from './certificate/index.ts';
import { plugin } from './plugin/index.ts';
import { clusterInfo } from './cluster-info/index.ts';
import { alpha, completion, options } from './completion/index.ts';
import { configCommand } from './config/index.ts';
import { cordon, uncordon } from './cordon/index.ts';
import { cp } from './cp/index.ts';
import { create } from './create/index.ts';
import { debug } from './debug/index.ts';
import { deleteCommand } from './delete/index.ts';
import { describe } from './describe/index.ts';
import { diff } from './diff/index.ts';
import { drain } from './drain/index.ts';
import { edit } from './edit/index.ts';
import { events } from './events/index.ts';
import { exec } from './exec/index.ts';
import { explain } from './explain/index.ts';
import { expose } from './expose/index.ts';
import { get } from './get/index.ts';
import { kustomize } from './kustomize/index.ts';
import { label } from './label/index.ts';
import { logs } from './logs/index.ts';
import { patch } from './patch/index.ts';
import { portForward } from './port-forward/index.ts';
import { proxy } from './proxy/index.ts';
import { replace } from './replace/index.ts';
import { rollout } from './rollout/index.ts';
import { run } from './run/index.ts';
import { scale } from './scale/index.ts';
import { set } from './set/index.ts';
import { taint } from './taint/index.ts';
import { top } from './top/index.ts';
import { version } from './version/index.ts';
import { wait } from './wait/index.ts';

export const commandGroups: readonly CommandGroup[] = [
  { title: 'Basic Commands (Beginner)', commands: [create, expose, run, set] },
  { title: 'Basic Commands (Intermediate)', commands: [explain, get, edit, deleteCommand] },
  {
    title: 'Deploy Commands',
    commands: [rollout, scale, autoscale],
  },
  {
    title: 'Cluster Management Commands',
    commands: [certificate, clusterInfo, top, cordon, uncordon, drain, taint],
  },
  {
    title: 'Troubleshooting and Debugging Commands',
    commands: [describe, logs, attach, exec, portForward, proxy, cp, auth, debug, events],
  },
  {
    title: 'Advanced Commands',
    commands: [diff, apply, patch, replace, wait, kustomize],
  },
  { title: 'Settings Commands', commands: [label, annotate, completion] },
  {
    title: 'Other Commands',
    commands: [apiResources, apiVersions, configCommand, plugin, version],
  },
];

export const topLevel: readonly Command[] = commandGroups.flatMap((group) => group.commands);
export const hiddenCommands: readonly Command[] = [alpha, options];
