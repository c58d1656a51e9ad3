import type { Program } from '../../../emulator/kernel/index.ts';

const unitMs: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000 };

export const sleep: Program = function* (sys) {
  const [, amount = '0', unit = 's'] = /^([\d.]+)([smh]?)$/.exec(sys.argv[1] ?? '') ?? [];
  yield* sys.sleep(Number(amount) * (unitMs[unit] ?? 1000));
  return 0;
};

export const yes: Program = function* (sys) {
  const block = `${sys.argv.slice(1).join(' ') || 'y'}\n`.repeat(512);
  for (;;) yield* sys.print(1, block);
};

export const seq: Program = function* (sys) {
  const [from, to] = sys.argv.length > 2 ? [Number(sys.argv[1]), Number(sys.argv[2])] : [1, Number(sys.argv[1])];
  for (let i = from; i <= to; i++) yield* sys.print(1, `${i}\n`);
  return 0;
};

export const date: Program = function* (sys) {
  const text = sys.argv[1] === '+%s' ? String(Math.floor(sys.nowMs / 1000)) : `T+${(sys.nowMs / 1000).toFixed(3)}s`;
  yield* sys.print(1, `${text}\n`);
  return 0;
};

export const env: Program = function* (sys) {
  for (const [name, value] of sys.env) yield* sys.print(1, `${name}=${value}\n`);
  return 0;
};
