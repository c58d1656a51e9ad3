import { Errno } from '../../../emulator/kernel/index.ts';
import { complain, tool } from './tool.ts';

export const tee = tool(
  { short: 'ai', long: { append: 'a', 'ignore-interrupts': 'i' }, usage: '[OPTION]... [FILE]...' },
  function* (sys, options) {
    if (options.has('i')) sys.onSignal('INT', 'ignore');
    const fds = [1];
    let status = 0;
    for (const path of options.operands) {
      try {
        fds.push(sys.open(path, options.has('a') ? 'append' : 'write'));
      } catch (error) {
        if (!(error instanceof Errno)) throw error;
        status = yield* complain(sys, `${path}: ${error.message}`);
      }
    }
    for (let data = yield* sys.read(0); data !== ''; data = yield* sys.read(0)) for (const fd of fds) yield* sys.write(fd, data);
    return status;
  },
);
