/** Parameters that the shell computes: `$?`, `$#`, `$RANDOM`, `$SECONDS`. */
import type { ShellContext } from './context.ts';

/** The letters of `$-`. */
function flags(shell: ShellContext): string {
  const { options } = shell.state;
  return `${options.errexit ? 'e' : ''}h${shell.isInteractive ? 'i' : ''}${shell.hasJobControl ? 'm' : ''}${options.nounset ? 'u' : ''}${options.xtrace ? 'x' : ''}B${shell.isInteractive ? 'H' : ''}`;
}

/** `null` when the name is an ordinary variable's. */
export function readSpecial(shell: ShellContext, name: string): string | undefined | null {
  const { state, sys } = shell;
  const code = name.charCodeAt(0);
  if (code >= 48 && code <= 57) return name === '0' ? state.name : state.positional[Number(name) - 1];
  switch (name) {
    case '?':
      return String(state.status);
    case '#':
      return String(state.positional.length);
    case '@':
    case '*':
      return state.positional.length > 0 ? state.positional.join(' ') : undefined;
    case '$':
      return String(state.shellPid);
    case '!':
      return state.lastBackground?.toString();
    case '-':
      return flags(shell);
    case '_':
      return state.lastArgument;
    case 'RANDOM':
      return String(sys.kernel.random.below(32_768));
    case 'SECONDS':
      return String(Math.floor((sys.nowMs - state.secondsFromMs) / 1000));
    case 'EPOCHSECONDS':
      return String(Math.floor(sys.kernel.clock.unixMs / 1000));
    case 'LINENO':
      return String(shell.line);
    case 'BASHPID':
      return String(sys.pid);
    case 'PPID':
      return String(sys.ppid);
    case 'UID':
    case 'EUID':
      return '0';
    case 'FUNCNAME':
      return shell.functionNames[0];
    case 'PIPESTATUS':
      return String(state.pipeStatus[0] ?? 0);
    default:
      return null;
  }
}
