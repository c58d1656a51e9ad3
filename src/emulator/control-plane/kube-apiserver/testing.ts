/** A control plane for tests: kernel, etcd and an API server with all kinds, and clients of any user, without network or processes. */
import { kinds } from '../../api/kinds.ts';
import { EventLoop, Kernel, Random, Trace, WallClock } from '../../kernel/index.ts';
import type { Call } from '../../kernel/index.ts';
import { unixMs } from '../../kernel/time.ts';
import { createSingleMember, EtcdData } from '../etcd/index.ts';
import type { ApiEndpoint, ApiSession } from './endpoint.ts';
import { createApiServer } from './create.ts';
import type { ApiServer, ApiServerOptions } from './server.ts';
import { openSessionAs } from './session.ts';

export interface TestControlPlane {
  readonly kernel: Kernel;
  readonly etcd: EtcdData;
  readonly server: ApiServer;
  readonly endpoint: ApiEndpoint;
  /** A cluster administrator (group system:masters). */
  readonly admin: ApiSession;
  /** A session of any user, whose groups get system:authenticated added. */
  session(user: string, groups?: readonly string[], agent?: string): ApiSession;
  /** Runs a call to its end, letting virtual time pass while it waits. Throws what it throws. */
  run<T>(call: Call<T>): T;
  /** Lets virtual time pass. */
  advance(ms: number): void;
}

/** Boots in an instant. Namespaces `default`, `kube-system`, `kube-public` and `kube-node-lease`, and the bootstrap RBAC policy, exist unless `isBare`. */
export function createTestControlPlane(
  options: { readonly seed?: number; readonly isBare?: boolean } & Partial<Omit<ApiServerOptions, 'kernel' | 'etcd'>> = {},
): TestControlPlane {
  const loop = new EventLoop();
  const kernel = new Kernel({
    loop,
    clock: new WallClock(loop, unixMs(2025, 9, 1)),
    random: new Random(options.seed ?? 1),
    trace: new Trace(loop),
  });
  const etcd = new EtcdData(kernel);
  const { server, endpoint } = createApiServer({ kinds, ...options, kernel, etcd: createSingleMember(etcd, { name: 'test' }) });
  const session = (user: string, groups: readonly string[] = [], agent = user): ApiSession =>
    openSessionAs(server, { name: user, groups: [...groups, 'system:authenticated'] }, agent);
  return {
    kernel,
    etcd,
    server,
    endpoint,
    admin: session('kubernetes-admin', ['system:masters'], 'test'),
    session,
    run: (call) => runToEnd(kernel, call),
    advance: (ms) => void loop.run({ untilMs: loop.now + ms }),
  };
}

function runToEnd<T>(kernel: Kernel, call: Call<T>): T {
  let outcome: { readonly value: T } | { readonly error: unknown } | undefined;
  kernel.fiber(
    (function* (): Call<void> {
      try {
        outcome = { value: yield* call };
      } catch (error) {
        outcome = { error };
      }
    })(),
  );
  for (let waits = 0; !outcome && waits < 1000; waits++) {
    const next = kernel.loop.nextDueMs;
    if (next === undefined) break;
    kernel.loop.run({ untilMs: next });
  }
  if (!outcome) throw new Error('the call never ended');
  if ('error' in outcome) throw outcome.error;
  return outcome.value;
}
