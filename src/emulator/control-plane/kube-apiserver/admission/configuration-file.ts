/** The file of `--admission-control-config-file`: what it says to each plugin. Upstream: apiserver/pkg/admission/config.go. */
import { parseYaml } from '../../../machinery/yaml.ts';

interface RawFile {
  readonly kind?: string;
  readonly plugins?: readonly { readonly name?: string; readonly path?: string; readonly configuration?: unknown }[];
}

/** The part about one plugin; undefined if the file says nothing of it. `read` reads another file that it names. */
export function configurationOf(plugin: string, text: string, read: (path: string) => string): unknown {
  const file = parseYaml(text) as RawFile | undefined;
  if (file?.kind !== 'AdmissionConfiguration') throw new Error('expected an AdmissionConfiguration');
  const own = file.plugins?.find(({ name }) => name === plugin);
  return own && (own.path ? parseYaml(read(own.path)) : own.configuration);
}
