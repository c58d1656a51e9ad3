import type { Call } from '../../../emulator/kernel/index.ts';
export function* describeObject(_i: unknown, _o: unknown, _r: unknown): Call<string> { return ''; }
