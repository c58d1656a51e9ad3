import type { Call } from '../../../../emulator/kernel/index.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { find, kubeconfigPaths, writableKubeconfig, writeKubeconfig } from '../../kubeconfig.ts';
import { fieldOf, type Section } from './sections.ts';

/** The file that changes go to, as it was named. */
export function shownPath({ flags, sys }: Invocation): string {
  return flags.string('kubeconfig') || kubeconfigPaths(sys, flags)[0]!;
}

/** Adds or changes an entry and says which; a field that becomes undefined goes. */
export function* setEntry(
  invocation: Invocation,
  section: Section,
  name: string,
  fields: Readonly<Record<string, Json>> | ((before: Json) => Readonly<Record<string, Json>>),
  title: string,
): Call<number> {
  const { path, config } = writableKubeconfig(invocation.sys, invocation.flags);
  const before = find(config[section], name);
  const old: Json = before?.[fieldOf[section]];
  const given = typeof fields === 'function' ? fields(old) : fields;
  const content = Object.fromEntries(Object.entries({ ...old, ...given }).filter(([, value]) => value !== undefined));
  const entry = { ...before, name, [fieldOf[section]]: content };
  const entries = before ? config[section].map((one) => (one.name === name ? entry : one)) : [...config[section], entry];
  // The file is written with its entries in order.
  writeKubeconfig(invocation.sys, path, { ...config, [section]: entries.sort((a, b) => (a.name < b.name ? -1 : 1)) });
  yield* invocation.out(`${title} "${name}" ${section === 'contexts' ? (before ? 'modified' : 'created') : 'set'}.\n`);
  return 0;
}
