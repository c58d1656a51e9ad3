/** Numbers as Linux on amd64 and arm64 has them. */
export const signalNumbers = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  CHLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  WINCH: 28,
} as const;
export type Signal = keyof typeof signalNumbers;

/** Signals that do nothing unless caught. */
export const ignoredByDefault: ReadonlySet<Signal> = new Set<Signal>(['CHLD', 'WINCH', 'CONT']);
/** Signals that stop a process unless caught. */
export const stopsByDefault: ReadonlySet<Signal> = new Set<Signal>(['STOP', 'TSTP', 'TTIN', 'TTOU']);

/** A signal by name (with or without SIG) or number, undefined if there is none. */
export function parseSignal(text: string): Signal | undefined {
  const name = text.toUpperCase().replace(/^SIG/, '');
  if (name in signalNumbers) return name as Signal;
  return (Object.keys(signalNumbers) as Signal[]).find((signal) => String(signalNumbers[signal]) === text);
}
