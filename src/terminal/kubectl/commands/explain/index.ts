/** kubectl explain: the documentation of a kind or field, from the server's OpenAPI v3. Upstream: kubectl/pkg/explain/v2. */
import type { Call } from '../../../../emulator/kernel/index.ts';
import type { Command } from '../../command.ts';
import { completeTypes } from '../../completion.ts';
import { bareErrors, CommandError } from '../../errors.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import type { ApiResource } from '../../rest/discovery.ts';
import { explainHead, explainText } from './plaintext.ts';

export const explain: Command = {
  name: 'explain',
  short: 'Get documentation for a resource',
  usage: 'explain TYPE [--recursive=FALSE|TRUE] [--api-version=api-version-group] [-o|--output=plaintext|plaintext-openapiv2]',
  examples: ['explain pods', 'explain pods.spec.containers', 'explain deployment --recursive'],
  flags: [
    flag('api-version', 'string', '', 'The group and version to explain.'),
    flag('output', 'string', 'plaintext', 'plaintext.'),
    flag('recursive', 'bool', false, 'All fields below, without their texts.'),
  ],
  complete: (invocation, args, word) => completeTypesOnce(invocation, args, word),
  *run(invocation) {
    const { args, flags } = invocation;
    if (args.length === 0)
      throw new CommandError(
        'You must specify the type of resource to explain. Use "kubectl api-resources" for a complete list of supported resources.\n',
      );
    if (args.length > 1) throw new CommandError(`We accept only this format: explain RESOURCE\n`);
    const output = flags.string('output');
    if (!['plaintext', 'plaintext-openapiv2'].includes(output)) throw new CommandError(`unrecognized format: ${output}`);
    const { resource, fields } = yield* resolve(invocation, args[0]!);
    if (output === 'plaintext-openapiv2') {
      // This format comes from the document in protobuf, in which the server describes no kinds.
      throw new CommandError(`couldn't find resource for "${resource.group}/${resource.version}, Kind=${resource.kind}"`);
    }
    const document = yield* openApi(invocation, resource);
    yield* invocation.out(explainHead(resource));
    yield* invocation.out(explainText(document, resource, fields, flags.bool('recursive')));
    return 0;
  },
};

function* completeTypesOnce(invocation: Invocation, args: readonly string[], word: string): Call<readonly string[]> {
  return args.length === 0 ? yield* completeTypes(invocation, word) : [];
}

/** `deployments.spec.template` is a type and fields, or with a group `deployments.v1.apps.spec`. */
function* resolve(invocation: Invocation, argument: string): Call<{ readonly resource: ApiResource; readonly fields: readonly string[] }> {
  const mapper = yield* invocation.mapper();
  const wanted = invocation.flags.string('api-version');
  const [first, ...fields] = argument.split('.') as [string, ...string[]];
  const resource = yield* bareErrors(mapper.resource(first));
  if (wanted === '') return { resource, fields };
  const [group, version] = wanted.includes('/') ? (wanted.split('/') as [string, string]) : ['', wanted];
  const versioned = mapper.discovery.resources.find(
    (one) => one.resource === resource.resource && one.group === group && one.version === version,
  );
  if (!versioned) {
    const isServed = mapper.discovery.resources.some((one) => one.group === group && one.version === version);
    const name = `${group === '' ? version : `${group}/${version}`}, Resource=${resource.resource}`;
    throw new CommandError(isServed ? `GVR (${name}) not found in OpenAPI schema` : `couldn't find resource for "${name}"`);
  }
  return { resource: versioned, fields };
}

function* openApi(invocation: Invocation, resource: ApiResource): Call<Json> {
  const key = resource.group === '' ? `api/${resource.version}` : `apis/${resource.group}/${resource.version}`;
  const index: Json = yield* invocation.client.request({ method: 'GET', path: '/openapi/v3' });
  const entry = index.paths?.[key];
  if (!entry) throw new CommandError(`couldn't find resource for "${resource.group}/${resource.version}, Resource=${resource.resource}"`);
  const [path, hash] = (entry.serverRelativeURL as string).split('?hash=') as [string, string | undefined];
  return yield* invocation.client.request({ method: 'GET', path, query: { hash } });
}
