import type { RestConfig } from '../../client/index.ts';
import { KubeconfigError, loadKubeconfig } from '../../client/index.ts';
import type { Sys } from '../../kernel/index.ts';
import { isErrno, utf8 } from '../../kernel/index.ts';
import type { Flags, FlagTypes } from './flags.ts';
import { parseFlags } from './flags.ts';
import { klog } from './klog.ts';

/** Parses the flags of the process. On a mistake says so as cobra does and ends the process with 1. */
export function componentFlags(sys: Sys, types: FlagTypes): Flags {
  const parsed = parseFlags(sys.argv.slice(1), types);
  if ('flags' in parsed) return parsed.flags;
  sys.tryWrite(2, utf8(`Error: ${parsed.error}\n`));
  return sys.exit(1);
}

/** Reads --kubeconfig, or another file. One that cannot be used ends the process as upstream's `command failed` does. */
export function componentConfig(sys: Sys, flags: Flags, path = flags.text('kubeconfig') ?? ''): RestConfig {
  try {
    return loadKubeconfig(sys.fs, path);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return fail(sys, `stat ${path}: no such file or directory`);
    if (error instanceof KubeconfigError) return fail(sys, error.message);
    throw error;
  }
}

/** Ends the process with the last words that `command failed` gives (k8s.io/component-base/cli/run.go). */
export function fail(sys: Sys, message: string): never {
  klog(sys, 'E', 'run.go:72', `"command failed" err=${JSON.stringify(message)}`);
  return sys.exit(1);
}
