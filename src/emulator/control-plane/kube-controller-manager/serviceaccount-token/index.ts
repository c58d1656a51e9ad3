/**
 * Fills Secrets of type kubernetes.io/service-account-token with a token of their ServiceAccount that never expires, and
 * takes them away with it (pkg/controller/serviceaccount/tokens_controller.go). It signs with the key of
 * --service-account-private-key-file, and acts as the kube-controller-manager itself: upstream wants it to work before
 * there are tokens for the other controllers.
 *
 * Deliberately absent: nothing makes such Secrets by itself; v1.24 was the last version that did.
 */
import { secrets } from '../../../api/core/secret.ts';
import { serviceAccounts } from '../../../api/core/service-account.ts';
import type { Secret, ServiceAccount } from '../../../api/generated/types.ts';
import type { Call } from '../../../kernel/index.ts';
import { base64, utf8 } from '../../../kernel/index.ts';
import { signJwt } from '../../../machinery/jwt/index.ts';
import { isConflict, isNotFound } from '../../../machinery/status-error.ts';
import type { KeyPair } from '../../../machinery/x509/index.ts';
import type { Controller, ControllerContext } from '../controller.ts';

const tokenType = 'kubernetes.io/service-account-token';
const accountName = 'kubernetes.io/service-account.name';
const accountUID = 'kubernetes.io/service-account.uid';

/** A Secret and whose token it holds, as they were when something happened. */
interface Holding {
  readonly namespace: string;
  readonly secret: { readonly name: string; readonly uid: string };
  readonly account: { readonly name: string; readonly uid: string };
}

/** Keys are text, so that a queue knows equal ones. */
const keyOf = (holding: Holding): string => JSON.stringify(holding);

function holdingOf({ metadata }: Secret): Holding {
  const { name = '', uid = '', namespace = '', annotations } = metadata ?? {};
  return { namespace, secret: { name, uid }, account: { name: annotations?.[accountName] ?? '', uid: annotations?.[accountUID] ?? '' } };
}

/** The claims of a token that is bound to nothing but its Secret: pkg/serviceaccount/legacy.go, LegacyClaims. */
function claimsOf(namespace: string, secret: string, { name, uid }: Holding['account']) {
  return {
    iss: 'kubernetes/serviceaccount',
    'kubernetes.io/serviceaccount/namespace': namespace,
    'kubernetes.io/serviceaccount/secret.name': secret,
    'kubernetes.io/serviceaccount/service-account.name': name,
    'kubernetes.io/serviceaccount/service-account.uid': uid,
    sub: `system:serviceaccount:${namespace}:${name}`,
  };
}

class TokensController {
  readonly #context: ControllerContext;
  readonly #key: KeyPair;
  readonly #accounts;
  readonly #secrets;

  constructor(context: ControllerContext, key: KeyPair) {
    this.#context = context;
    this.#key = key;
    this.#accounts = context.informers.for(serviceAccounts);
    this.#secrets = context.informers.for(secrets);
  }

  start(): void {
    const ofSecrets = this.#context.queue<string>({ name: 'serviceaccount_tokens_secret', reconcile: (key) => this.#reconcile(key) });
    this.#secrets.onChange(({ object }) => object.type === tokenType && ofSecrets.add(keyOf(holdingOf(object))));
    // The Secrets of an account that is gone look for it, and go too.
    this.#accounts.onChange(({ type, object }) => {
      if (type !== 'DELETED') return;
      const { name, namespace, uid } = object.metadata!;
      for (const secret of this.#secrets.values()) {
        if (secret.type !== tokenType || secret.metadata!.namespace !== namespace) continue;
        const holding = holdingOf(secret);
        if (holding.account.name === name && (holding.account.uid === '' || holding.account.uid === uid)) ofSecrets.add(keyOf(holding));
      }
    });
  }

  *#reconcile(key: string): Call<void> {
    const holding = JSON.parse(key) as Holding;
    const { namespace, secret } = holding;
    const found = this.#secrets.get(secret.name, namespace);
    const current = found?.metadata?.uid === secret.uid ? found : undefined;
    const account = yield* this.#account(holding, current !== undefined);
    if (!current) {
      if (account) yield* this.#forget(account, secret.name);
    } else if (account) yield* this.#fill(current, account);
    else yield* this.#delete(holding);
  }

  /** The account that a Secret names; one of another UID is another account. */
  *#account({ namespace, account }: Holding, asksServer: boolean): Call<ServiceAccount | undefined> {
    let found: ServiceAccount | undefined = this.#accounts.get(account.name, namespace);
    if (!found && asksServer) {
      try {
        found = yield* this.#context.ownClient.get(serviceAccounts, { name: account.name, namespace });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
    return account.uid === '' || found?.metadata?.uid === account.uid ? found : undefined;
  }

  *#fill(secret: Secret, { metadata }: ServiceAccount): Call<void> {
    const { rootCA } = this.#context.settings;
    const { name = '', namespace = '' } = secret.metadata ?? {};
    const account = { name: metadata!.name!, uid: metadata!.uid! };
    const data = { ...secret.data };
    if (rootCA !== '') data['ca.crt'] = base64(utf8(rootCA));
    data.namespace ||= base64(utf8(namespace));
    data.token ||= base64(utf8(signJwt(claimsOf(namespace, name, account), this.#key)));
    if (Object.keys(data).every((entry) => data[entry] === secret.data?.[entry])) return;
    const annotations = { ...secret.metadata?.annotations, [accountName]: account.name, [accountUID]: account.uid };
    try {
      yield* this.#context.ownClient.update(secrets, { ...secret, metadata: { ...secret.metadata!, annotations }, data } as never);
    } catch (error) {
      // Whoever was quicker has made a change that comes by here too.
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
  }

  *#delete({ namespace, secret: { name, uid } }: Holding): Call<void> {
    try {
      yield* this.#context.ownClient.delete(secrets, { name, namespace }, { preconditions: { uid } });
    } catch (error) {
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
  }

  /** An account may list the Secret among its own. */
  *#forget(account: ServiceAccount, secret: string): Call<void> {
    const kept = (account.secrets ?? []).filter(({ name }) => name !== secret);
    if (kept.length === (account.secrets?.length ?? 0)) return;
    yield* this.#context.ownClient.update(serviceAccounts, { ...account, secrets: kept } as never);
  }
}

export const serviceAccountTokenController: Controller = {
  name: 'serviceaccount-token-controller',
  start(context) {
    const key = context.settings.tokenKey();
    if (key) new TokensController(context, key).start();
  },
};
