/** kubectl kustomize. Upstream: kustomize/commands/build/build.go, embedded by kubectl/pkg/cmd/kustomize. */
import { utf8 } from '../../../../emulator/kernel/index.ts';
import type { Command } from '../../command.ts';
import { CommandError } from '../../errors.ts';
import { flag } from '../../flag-set.ts';
import { builtObjects, kustomizeYaml } from '../../resources/kustomize.ts';

const restrictors = ['LoadRestrictionsRootOnly', 'LoadRestrictionsNone'];

export const kustomize: Command = {
  name: 'kustomize',
  short: 'Build a kustomization target from a directory or URL',
  long: 'Prints the objects that a directory with a kustomization.yaml means; the directory is . when none is named.',
  usage: 'kustomize DIR [flags]',
  examples: ['kustomize', 'kustomize overlays/production'],
  flags: [
    flag('as-current-user', 'bool', false, 'Run functions as this user.', { isUnsupported: true }),
    flag('enable-alpha-plugins', 'bool', false, 'Allow plugins.', { isUnsupported: true }),
    flag('enable-helm', 'bool', false, 'Allow Helm charts.', { isUnsupported: true }),
    flag('env', 'array', [], 'Environment variables of functions.', { short: 'e', isUnsupported: true }),
    flag('helm-api-versions', 'array', [], 'API versions for Helm.', { isUnsupported: true }),
    flag('helm-command', 'string', 'helm', 'The program that is Helm.', { isUnsupported: true }),
    flag('helm-debug', 'bool', false, 'Let Helm tell more.', { isUnsupported: true }),
    flag('helm-kube-version', 'string', '', 'Version of Kubernetes for Helm.', { isUnsupported: true }),
    flag('load-restrictor', 'string', 'LoadRestrictionsRootOnly', 'LoadRestrictionsNone lets files lie outside of the directory.'),
    flag('mount', 'array', [], 'Mounts of functions.', { isUnsupported: true }),
    flag('network', 'bool', false, 'Give functions a network.', { isUnsupported: true }),
    flag('network-name', 'string', 'bridge', 'The network of functions.', { isUnsupported: true }),
    flag('output', 'string', '', 'File to write to, or a directory that gets a file an object.', { short: 'o' }),
  ],
  *run(invocation) {
    const { flags, args, sys } = invocation;
    if (args.length > 1) throw new CommandError('specify one path to kustomization.yaml');
    const restrictor = flags.string('load-restrictor');
    if (!restrictors.includes(restrictor)) {
      throw new CommandError(`illegal flag value --load-restrictor ${restrictor}; legal values: [${restrictors.join(' ')}]`);
    }
    const objects = yield* builtObjects(invocation, args[0] ?? '.', restrictor === 'LoadRestrictionsNone');
    const output = flags.string('output');
    if (output === '') yield* invocation.out(kustomizeYaml(objects));
    else if (sys.fs.find(sys.path(output))?.kind === 'directory') {
      for (const object of objects) sys.fs.writeFile(sys.path(`${output}/${fileName(object)}`), utf8(kustomizeYaml([object])));
    } else sys.fs.writeFile(sys.path(output), utf8(kustomizeYaml(objects)));
    return 0;
  },
};

/** `apps_v1_deployment_web.yaml`, with the namespace in front if there is one. */
function fileName({
  apiVersion,
  kind,
  metadata,
}: {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
}): string {
  const id = `${apiVersion.replace('/', '_')}_${kind}_${metadata.name}`.toLowerCase();
  return `${metadata.namespace ? `${metadata.namespace}_` : ''}${id.replaceAll(':', '-')}.yaml`;
}
