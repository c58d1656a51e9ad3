/**
 * Signs the ConfigMap cluster-info of kube-public with each bootstrap token that may sign, so that a machine that knows a
 * token can tell that the CA in it is the right one (pkg/controller/bootstrap/bootstrapsigner.go).
 */
import { configMaps } from '../../../api/core/config-map.ts';
import { secrets } from '../../../api/core/secret.ts';
import type { Secret } from '../../../api/generated/types.ts';
import type { Call } from '../../../kernel/index.ts';
import { bootstrapTokenPrefix, bootstrapTokenType, timeLeftMs, tokenField } from '../../../machinery/bootstrap-token.ts';
import { equal } from '../../../machinery/equality.ts';
import { detachedSignature } from '../../../machinery/jwt/index.ts';
import { isConflict, isNotFound } from '../../../machinery/status-error.ts';
import type { Controller } from '../controller.ts';

const namespace = 'kube-public';
const name = 'cluster-info';
const signaturePrefix = 'jws-kubeconfig-';
const tokenNamespace = 'kube-system';

const isToken = ({ metadata, type }: Secret): boolean => metadata.namespace === tokenNamespace && type === bootstrapTokenType;

/** The id of a token that may sign now (pkg/controller/bootstrap/util.go); undefined for any other. */
function signingId(secret: Secret, nowMs: number): string | undefined {
  const id = tokenField(secret, 'token-id');
  const isSound = id !== '' && secret.metadata.name === `${bootstrapTokenPrefix}${id}` && tokenField(secret, 'token-secret') !== '';
  const isExpired = (timeLeftMs(secret, nowMs) ?? 1) <= 0;
  return isSound && !isExpired && tokenField(secret, 'usage-bootstrap-signing') === 'true' ? id : undefined;
}

export const bootstrapSigner: Controller = {
  name: 'bootstrap-signer-controller',
  alias: 'bootstrapsigner',
  isOffByDefault: true,
  start(context) {
    const client = context.client('bootstrap-signer');
    const maps = context.informers.for(configMaps);
    const tokens = context.informers.for(secrets);
    const queue = context.queue<string>({ name: 'bootstrap_signer_queue', reconcile });
    maps.onChange(
      ({ type, object: { metadata } }) =>
        type !== 'DELETED' && metadata.name === name && metadata.namespace === namespace && queue.add(name),
    );
    tokens.onChange(({ object }) => isToken(object) && queue.add(name));

    function* reconcile(): Call<void> {
      const map = maps.get(name, namespace);
      const content = map?.data?.kubeconfig;
      if (!map || content === undefined) return;
      const data = Object.fromEntries(Object.entries(map.data!).filter(([key]) => !key.startsWith(signaturePrefix)));
      for (const secret of tokens.values()) {
        const id = isToken(secret) ? signingId(secret, context.kernel.clock.unixMs) : undefined;
        if (id !== undefined) data[`${signaturePrefix}${id}`] = detachedSignature(content, id, tokenField(secret, 'token-secret'));
      }
      if (equal(data, map.data)) return;
      try {
        yield* client.update(configMaps, { ...map, data });
      } catch (error) {
        if (!isConflict(error) && !isNotFound(error)) throw error;
      }
    }
  },
};
