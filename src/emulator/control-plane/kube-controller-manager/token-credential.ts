import { serviceAccounts } from '../../api/core/service-account.ts';
import type { TokenRequest } from '../../api/generated/types.ts';
import type { Client, Credential } from '../../client/index.ts';
import type { Call } from '../../kernel/index.ts';
import { isAlreadyExists, isNotFound } from '../../machinery/status-error.ts';

const namespace = 'kube-system';
/** Twelve minutes at least in upstream; controllers ask for an hour (controller/clientbuilder). */
const expirationSeconds = 3600;

/** A token of a controller's own service account, which is made when it does not exist (--use-service-account-credentials). */
export function* requestToken(client: Client, name: string): Call<Credential> {
  const request = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    metadata: {},
    spec: { audiences: [], expirationSeconds },
  };
  const ask = (): Call<TokenRequest> => client.act<TokenRequest>(serviceAccounts, { namespace, name }, 'token', request);
  let answer: TokenRequest;
  try {
    answer = yield* ask();
  } catch (error) {
    if (!isNotFound(error)) throw error;
    yield* makeAccount(client, name);
    answer = yield* ask();
  }
  const issued = answer.status!;
  // The token itself is signed when someone reads it; the server knows what it issued.
  return {
    type: 'token',
    issued,
    get token() {
      return issued.token;
    },
  };
}

function* makeAccount(client: Client, name: string): Call<void> {
  try {
    yield* client.create(serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name } });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}
