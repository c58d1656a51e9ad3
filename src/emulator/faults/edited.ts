import { kinds } from '../api/kinds.ts';
import { FaultError, defineFault } from './fault.ts';
import { name, text } from './parameters.ts';
import { asAdministrator, merge } from './site.ts';

function parsePatch(patch: string): object {
  try {
    const value: unknown = JSON.parse(patch);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Said below: hosts word it differently.
  }
  throw new FaultError(`edited: patch: ${patch} is no JSON object`);
}

export const edited = defineFault({
  name: 'edited',
  cause: 'Somebody has edited an object of any kind: `patch` is a merge patch in JSON, as `kubectl patch --type merge -p` takes it.',
  symptoms:
    'Whatever the edit brings about: a Service with the wrong selector has no endpoints, a Deployment with the wrong image does not roll out.',
  mend: 'Put the field right, at the object whose owner does not put it back.',
  parameters: {
    resource: name('what it is, as the API calls it: services, deployments'),
    namespace: name('its namespace', 'default'),
    name: name('its name'),
    patch: text('a merge patch in JSON'),
  },
  showsAfterMs: 30_000,
  inject: (cluster, { resource, namespace, name, patch }) =>
    asAdministrator(cluster, function* (client) {
      const kind = kinds.find((candidate) => candidate.resource === resource);
      if (!kind) throw new FaultError(`there is no resource ${resource}`);
      yield* merge(client, kind, { namespace: kind.isNamespaced ? namespace : undefined, name }, parsePatch(patch));
    }),
});
