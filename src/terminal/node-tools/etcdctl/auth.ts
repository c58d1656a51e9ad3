/**
 * auth, user and role, of a cluster that has no users. Upstream: etcdctl/ctlv3/command/{auth,user,role}_command.go.
 *
 * Differs from Kubernetes: users and roles of etcd cannot be made, and so it cannot be made to ask for them. What a cluster without them answers is as upstream. kubeadm's etcd has none: it believes certificates.
 */
import { EtcdError, etcdErrors } from '../../../emulator/control-plane/etcd/index.ts';
import type { Call } from '../../../emulator/kernel/index.ts';
import type { Context } from './context.ts';
import { exitCodes, headerOf, UsageError } from './context.ts';
import { print } from './print.ts';

function noWords({ given }: Context, message: string): void {
  if (given.words.length > 0) throw new UsageError(message);
}

export function* authStatus(context: Context): Call<number> {
  noWords(context, 'auth status command does not accept any arguments');
  const header = yield* context.call('Auth/AuthStatus', function* (etcd) {
    return headerOf(etcd);
  });
  yield* print(context, 'authStatus', { header, enabled: false, authRevision: 1 });
  return 0;
}

export function* authDisable(context: Context): Call<number> {
  noWords(context, 'auth disable command does not accept any arguments');
  yield* context.call('Auth/AuthDisable', (etcd) => etcd.linearizable());
  yield* context.sys.print(1, 'Authentication Disabled\n');
  return 0;
}

/** There is nobody who could log in. */
export function* authEnable(context: Context): Call<number> {
  noWords(context, 'auth enable command does not accept any arguments');
  return yield* context.call('Auth/AuthEnable', refuse(etcdErrors.rootUserNotExist));
}

const refuse = (message: string) =>
  function* (): Call<never> {
    throw new EtcdError(message);
  };

/** Lists are empty, and whoever is named is not there. */
export function* userOrRole(context: Context, path: string): Call<number> {
  const [kind = '', verb = ''] = path.split(' ');
  const name = context.given.words[0];
  if (verb === 'list') {
    noWords(context, `${kind} list command requires no arguments`);
    const header = yield* context.call(kind === 'user' ? 'Auth/UserList' : 'Auth/RoleList', function* (etcd) {
      return headerOf(etcd);
    });
    yield* print(context, kind === 'user' ? 'users' : 'roles', { header });
    return 0;
  }
  if (name === undefined) throw new UsageError(`${kind} ${verb} command requires ${kind} name as its argument`);
  if (verb === 'add') throw new UsageError(`${kind}s of etcd are not simulated here, so that none can be made`, exitCodes.error);
  const method = `Auth/${kind === 'user' ? 'User' : 'Role'}${verb === 'get' ? 'Get' : verb === 'delete' ? 'Delete' : 'Change'}`;
  return yield* context.call(method, refuse(kind === 'user' ? etcdErrors.userNotFound : etcdErrors.roleNotFound));
}
