/** kubectl api-resources. Upstream: kubectl/pkg/cmd/apiresources/apiresources.go. */
import type { Command } from '../../command.ts';
import { CommandError } from '../../errors.ts';
import { noHeadersFlag } from '../../flag-groups.ts';
import { flag } from '../../flag-set.ts';
import { TabWriter } from '../../printers/tabwriter.ts';
import { apiVersionOf, groupResource } from '../../rest/mapper.ts';

export const apiResources: Command = {
  name: 'api-resources',
  short: 'Print the supported API resources on the server',
  usage: 'api-resources [flags]',
  examples: ['api-resources --namespaced=true', 'api-resources -o wide', 'api-resources --api-group=apps'],
  flags: [
    flag('api-group', 'string', '', 'Resources of this group only.'),
    flag('cached', 'bool', false, 'Use what was found before.'),
    flag('categories', 'list', [], 'Resources of these categories only.'),
    flag('namespaced', 'bool', true, 'Resources that have (or, if false, have no) namespace.'),
    noHeadersFlag,
    flag('output', 'string', '', 'name or wide.', { short: 'o' }),
    flag('sort-by', 'string', '', 'name or kind.'),
    flag('verbs', 'list', [], 'Resources with all of these verbs only.'),
  ],
  *run(invocation) {
    const { flags, args } = invocation;
    if (args.length > 0) throw invocation.usageError(`unexpected arguments: [${args.join(' ')}]`);
    const output = flags.string('output');
    if (!['', 'wide', 'name'].includes(output)) throw new CommandError(`--output ${output} is not available`);
    if (!['', 'name', 'kind'].includes(flags.string('sort-by'))) throw new CommandError('--sort-by accepts only name or kind');
    const mapper = yield* invocation.mapper();
    if (!flags.bool('cached')) yield* mapper.renew();
    const resources = mapper
      .preferred()
      .filter((r) => r.verbs.length > 0)
      .filter((r) => !flags.changed('api-group') || r.group === flags.string('api-group'))
      .filter((r) => !flags.changed('namespaced') || r.isNamespaced === flags.bool('namespaced'))
      .filter((r) => flags.list('verbs').every((verb) => r.verbs.includes(verb)))
      .filter((r) => flags.list('categories').every((category) => r.categories.includes(category)));
    const key = (r: (typeof resources)[number]): string =>
      flags.string('sort-by') === 'kind' ? r.kind : flags.string('sort-by') === 'name' ? r.resource : `${r.group}\0${r.resource}`;
    const sorted = [...resources].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
    if (output === 'name') {
      yield* invocation.out(sorted.map((r) => `${groupResource(r)}\n`).join(''));
      return 0;
    }
    const isWide = output === 'wide';
    const writer = new TabWriter();
    if (!flags.bool('no-headers')) writer.write(`NAME\tSHORTNAMES\tAPIVERSION\tNAMESPACED\tKIND${isWide ? '\tVERBS\tCATEGORIES' : ''}\n`);
    for (const r of sorted) {
      const wide = isWide ? `\t${r.verbs.join(',')}\t${r.categories.join(',')}` : '';
      writer.write(`${r.resource}\t${r.shortNames.join(',')}\t${apiVersionOf(r)}\t${r.isNamespaced}\t${r.kind}${wide}\n`);
    }
    yield* invocation.out(writer.flush());
    if (mapper.discovery.stale.length > 0) throw new CommandError(`error: ${staleText(mapper.discovery.stale)}`);
    return 0;
  },
};

export const apiVersions: Command = {
  name: 'api-versions',
  short: 'Print the supported API versions on the server, in the form of "group/version"',
  usage: 'api-versions',
  *run(invocation) {
    if (invocation.args.length > 0) throw invocation.usageError(`unexpected arguments: [${invocation.args.join(' ')}]`);
    const mapper = yield* invocation.mapper();
    yield* mapper.renew();
    const versions = mapper.discovery.groups.flatMap((group) =>
      group.versions.map((version) => (group.name === '' ? version : `${group.name}/${version}`)),
    );
    yield* invocation.out(
      versions
        .sort()
        .map((text) => `${text}\n`)
        .join(''),
    );
    return 0;
  },
};

/** What client-go says of aggregated API servers that do not answer. */
function staleText(versions: readonly string[]): string {
  const each = versions.map((version) => `${version}: stale GroupVersion discovery: ${version}`);
  return `unable to retrieve the complete list of server APIs: ${each.join(', ')}`;
}
