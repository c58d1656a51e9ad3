import { mountTable } from '../../../emulator/kernel/index.ts';
import { complain, tool } from './tool.ts';

/** Lists what is mounted. Nobody in here mounts anything: a kubelet does that, or the machine when it starts. */
export const mount = tool({ short: 'lt:o:', usage: '[-l] [-t TYPE] [-o OPTIONS] [SOURCE] [DIRECTORY]' }, function* (sys, options) {
  if (options.operands.length > 0) {
    yield* complain(sys, 'permission denied (are you root?)');
    return 1;
  }
  const wanted = options.value('t')?.split(',');
  const lines = mountTable(sys.fs)
    .filter(({ type }) => !wanted || wanted.includes(type))
    .map(({ source, path, type, options: flags }) => `${source} on ${path} type ${type} (${flags})\n`);
  yield* sys.print(1, lines.join(''));
  return 0;
});
