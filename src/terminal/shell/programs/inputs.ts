import { Errno } from '../../../emulator/kernel/index.ts';
import type { Call } from '../../../emulator/kernel/index.ts';
import type { Sys } from '../../../emulator/kernel/index.ts';

/** Opens the named files, or standard input when there are none, and runs `each` on them in turn. */
export function* forEachInput(sys: Sys, paths: readonly string[], each: (fd: number, path: string) => Call<void>): Call<number> {
  let status = 0;
  for (const path of paths.length > 0 ? paths : ['-']) {
    try {
      const fd = path === '-' ? 0 : sys.open(path, 'read');
      yield* each(fd, path);
      if (fd !== 0) sys.fds.close(fd);
    } catch (error) {
      if (!(error instanceof Errno) || error.code === 'EPIPE') throw error;
      yield* sys.print(2, `${sys.argv[0]}: ${path}: ${error.message}\n`);
      status = 1;
    }
  }
  return status;
}

/** Single-letter flags, with a value for those in `withValue`; `-5` is short for `-n 5`. */
export function parseFlags(args: readonly string[], withValue = ''): { flags: Map<string, string>; rest: string[] } {
  const flags = new Map<string, string>();
  const rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (!/^-./.test(arg)) rest.push(arg);
    else if (/^-\d+$/.test(arg)) flags.set('n', arg.slice(1));
    else if (withValue.includes(arg[1]!)) flags.set(arg[1]!, arg.length > 2 ? arg.slice(2) : (args[++i] ?? ''));
    else for (const flag of arg.slice(1)) flags.set(flag, '');
  }
  return { flags, rest };
}
