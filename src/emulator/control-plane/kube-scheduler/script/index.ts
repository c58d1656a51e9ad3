/**
 * kube-scheduler with one plugin more, Script: a Score plugin in JavaScript, read from a file when the scheduler starts.
 *
 * - In life a plugin of one's own is compiled into a scheduler of one's own; this one is for learning how a plugin thinks.
 * - The script runs in the host's interpreter, counted in steps. What goes wrong in it is an error of the scheduling cycle: the Pod is
 *   tried again later, an Event and the log say why. A file that does not load ends the scheduler, as a bad configuration does.
 */
import type { Program, ScriptEngine } from '../../../kernel/index.ts';
import { scriptEngineName } from '../../../kernel/index.ts';
import { klog } from '../../component-base/klog.ts';
import { schedulerProgram } from '../index.ts';
import { scriptPlugin } from './plugin.ts';

/** The program of the image ghcr.io/inside-kubernetes/script-scheduler. */
export const scriptScheduler: Program = function* (sys) {
  const engine = yield* sys.kernel.hostData.take<ScriptEngine>(scriptEngineName);
  const plugin = scriptPlugin({
    engine,
    log: (file, line) => klog(sys, 'I', file, line),
    own: (script) => sys.own(() => script.close()),
  });
  return yield* schedulerProgram([plugin])(sys);
};
