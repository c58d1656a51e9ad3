/**
 * Bootstrap tokens: a Secret `bootstrap-token-<id>` in kube-system lets a machine in that is to become a node.
 * Upstream: plugin/pkg/auth/authenticator/token/bootstrap, staging/src/k8s.io/cluster-bootstrap.
 */
import type { Secret } from '../../../api/generated/types.ts';
import type { WallClock } from '../../../kernel/index.ts';
import { bootstrapTokenPrefix, bootstrapTokenType, timeLeftMs, tokenField } from '../../../machinery/bootstrap-token.ts';
import { authenticated } from './identity.ts';
import type { Identity, IdentityStores } from './identity.ts';

const form = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const groupForm = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;

/** Undefined when there is no such token, or it may not be used to authenticate. */
export function authenticateBootstrapToken(token: string, { secrets }: IdentityStores, clock: WallClock): Identity | undefined {
  const [, id = '', secretPart = ''] = form.exec(token) ?? [];
  const secretOf = (): Secret | undefined => secrets.get('kube-system', `${bootstrapTokenPrefix}${id}`) as Secret | undefined;
  const secret = id === '' ? undefined : secretOf();
  const extra =
    secret &&
    tokenField(secret, 'auth-extra-groups')
      .split(',')
      .filter((group) => group !== '');
  if (!secret || !extra?.every((group) => groupForm.test(group))) return undefined;
  const isUsable = (): boolean => {
    // The same object: whoever edits the Secret must be asked anew.
    if (secretOf() !== secret || secret.metadata.deletionTimestamp !== undefined) return false;
    return (timeLeftMs(secret, clock.unixMs) ?? 1) > 0;
  };
  const isRight =
    secret.type === bootstrapTokenType &&
    tokenField(secret, 'token-secret') === secretPart &&
    tokenField(secret, 'token-id') === id &&
    tokenField(secret, 'usage-bootstrap-authentication') === 'true';
  if (!isRight) return undefined;
  return { user: authenticated({ name: `system:bootstrap:${id}`, groups: ['system:bootstrappers', ...extra] }), isValid: isUsable };
}
