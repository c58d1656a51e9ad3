import type { Call } from '../../../kernel/index.ts';
import type { ApiServer } from '../server.ts';
import { isComponent } from '../authentication/identity.ts';
import type { Attributes, Decision } from './attributes.ts';
import { explainAccess } from './explain.ts';

/**
 * Asks the authorizers, and lets the trace remember why. Of the parts of the cluster and of the group of masters, which is
 * let through before RBAC is asked, only refusals are remembered; of paths that are no resource too, since probes ask for
 * them all the time.
 */
export function* decideAndRemember(server: ApiServer, attributes: Attributes): Call<Decision> {
  const decision = yield* server.authorization.ask(attributes);
  const isAllowed = decision.verdict === 'allow';
  const { name, groups } = attributes.user;
  const isUsual = isAllowed && (attributes.resource === '' || isComponent(name) || groups.includes('system:masters'));
  if (server.kernel.trace.isOn && !isUsual) {
    server.kernel.trace.emit(
      'kube-apiserver',
      { resource: 'users', name },
      {
        type: 'decision',
        by: 'RBAC',
        verdict: isAllowed ? 'allow' : 'forbid',
        data: explainAccess(server.rbac, attributes, decision),
      },
    );
  }
  return decision;
}
