/** What the host can fetch for a cluster when it is wanted. */

const loaders: Readonly<Record<string, () => Promise<unknown>>> = {
  'field-docs': async () => (await import('../emulator/api/generated/docs.json')).default,
};

export const hostDataNames: readonly string[] = Object.keys(loaders);

export function fetchHostData(name: string): Promise<unknown> {
  return loaders[name]!();
}
