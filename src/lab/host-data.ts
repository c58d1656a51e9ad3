/** What the host can fetch for a cluster when it is wanted. */
import { scriptEngineName } from '../emulator/kernel/index.ts';

const loaders: Readonly<Record<string, () => Promise<unknown>>> = {
  'field-docs': async () => (await import('../emulator/api/generated/docs.json')).default,
  [scriptEngineName]: async () => (await import('./javascript/index.ts')).loadScriptEngine(),
};

export const hostDataNames: readonly string[] = Object.keys(loaders);

export function fetchHostData(name: string): Promise<unknown> {
  return loaders[name]!();
}
