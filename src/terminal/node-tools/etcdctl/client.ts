/** The way to members: TLS, deadlines, and what etcd's client logs of calls that fail. Upstream: client/v3 (client.go, retry_interceptor.go). */
import type { EtcdMember } from '../../../emulator/control-plane/etcd/index.ts';
import { EtcdError, etcdErrors } from '../../../emulator/control-plane/etcd/index.ts';
import type { Call, Connection, Sys } from '../../../emulator/kernel/index.ts';
import { isErrno, WaitQueue } from '../../../emulator/kernel/index.ts';
import type { Certificate } from '../../../emulator/machinery/x509/index.ts';
import { certificatesIn, endHandshake, shakeHands, TlsError } from '../../../emulator/machinery/x509/index.ts';
import { unbracketed } from '../../../emulator/machinery/ipv6.ts';

/** What stands behind --cacert, --cert, --key and --insecure-skip-tls-verify; undefined speaks without TLS. */
export interface ClientTls {
  readonly cacert: string;
  readonly cert: string;
  readonly skipsVerification: boolean;
}

/** A call that came to nothing. The message is what a person reads. */
export class CallError extends Error {}

const deadlineMessage = 'context deadline exceeded';

const codes: Readonly<Record<string, readonly string[]>> = {
  Unavailable: [
    etcdErrors.timeout,
    etcdErrors.timeoutLeaderFailed,
    etcdErrors.timeoutConnectionLost,
    etcdErrors.leaderChanged,
    etcdErrors.noLeader,
    etcdErrors.unhealthy,
  ],
  ResourceExhausted: [etcdErrors.noSpace],
  OutOfRange: [etcdErrors.compacted, etcdErrors.futureRevision, etcdErrors.leaseTTLTooLarge],
  NotFound: [etcdErrors.leaseNotFound, etcdErrors.memberNotFound],
  FailedPrecondition: [
    etcdErrors.memberExists,
    etcdErrors.peerURLExists,
    etcdErrors.memberNotLearner,
    etcdErrors.learnerNotReady,
    etcdErrors.tooManyLearners,
    etcdErrors.notEnoughStarted,
    etcdErrors.notLeader,
    etcdErrors.badTransferee,
    etcdErrors.rpcNotSupportedForLearner,
    etcdErrors.rootUserNotExist,
    etcdErrors.userNotFound,
    etcdErrors.roleNotFound,
  ],
};

/** An error as gRPC has it, with its code. */
function statusOf(message: string): string {
  if (message.startsWith('rpc error: ')) return message;
  const code = Object.keys(codes).find((name) => codes[name]!.includes(message)) ?? 'InvalidArgument';
  return `rpc error: code = ${code} desc = ${message}`;
}

export class EtcdClient {
  readonly sys: Sys;
  readonly timeoutMs: number;
  readonly tls: ClientTls | undefined;

  constructor(sys: Sys, tls: ClientTls | undefined, timeoutMs: number) {
    this.sys = sys;
    this.tls = tls;
    this.timeoutMs = timeoutMs;
  }

  /**
   * Asks the first of some endpoints that answers. Throws a CallError, after the line in which etcd's client tells of it.
   *
   * Differs from Kubernetes: a client of several endpoints asks them in turn; here the later ones are asked when the first is silent.
   */
  *call<T>(endpoints: readonly string[], method: string, run: (etcd: EtcdMember) => Call<T>): Call<T> {
    const { sys, timeoutMs } = this;
    const until = sys.nowMs + timeoutMs;
    let why = '';
    for (const endpoint of endpoints) {
      const found = yield* this.#dial(endpoint, Math.max(1, timeoutMs / endpoints.length));
      if (typeof found === 'string') {
        why = found;
        continue;
      }
      try {
        const outcome = yield* this.#within(until, () => run(found));
        if (outcome) return outcome.value;
      } catch (error) {
        if (!(error instanceof EtcdError)) throw error;
        yield* this.#warn(endpoints, method, statusOf(error.message));
        throw new CallError(error.message);
      }
      yield* this.#warn(endpoints, method, `rpc error: code = DeadlineExceeded desc = ${deadlineMessage}`);
      throw new CallError(deadlineMessage);
    }
    if (sys.nowMs < until) yield* sys.sleep(until - sys.nowMs);
    const last = `latest balancer error: last connection error: connection error: desc = "${why}"`;
    yield* this.#warn(endpoints, method, `rpc error: code = DeadlineExceeded desc = ${last}`);
    throw new CallError(deadlineMessage);
  }

  /** The member behind an endpoint, or why there is no connection to it. */
  *#dial(endpoint: string, timeoutMs: number): Call<EtcdMember | string> {
    const { sys } = this;
    const [, scheme, host = '', port = ''] = /^(https?:\/\/)?(.+):(\d+)$/.exec(endpoint) ?? [];
    const ip = host === 'localhost' ? '127.0.0.1' : unbracketed(host);
    const wanted = this.tls ?? (scheme === 'https://' ? { cacert: '', cert: '', skipsVerification: false } : undefined);
    const tls = scheme === 'http://' ? undefined : wanted;
    let connection: Connection;
    try {
      connection = yield* sys.net.connect({ ip, port: Number(port) }, { timeoutMs });
    } catch (error) {
      if (!isErrno(error)) throw error;
      return `transport: Error while dialing: dial tcp ${ip}:${port}: connect: ${error.message.toLowerCase()}`;
    }
    sys.own(() => connection.close());
    const problem = this.#greet(connection, tls, ip);
    if (problem !== undefined) {
      connection.close();
      return problem;
    }
    const etcd = connection.service.endpoint as EtcdMember | undefined;
    return etcd?.data ? etcd : 'error reading server preface: EOF';
  }

  /** What keeps client and server from going on. With TLS 1.3 the server looks at the client once the client has said its part. */
  #greet({ service, local: from }: Connection, tls: ClientTls | undefined, host: string): string | undefined {
    const { sys } = this;
    if (!tls) return service.isTls ? 'error reading server preface: EOF' : undefined;
    if (!service.isTls) return 'transport: authentication handshake failed: tls: first record does not look like a TLS handshake';
    const certificate: Certificate | undefined = tls.cert === '' ? undefined : certificatesIn(sys.fs, sys.path(tls.cert))[0];
    try {
      const authorities = tls.cacert === '' ? [] : certificatesIn(sys.fs, sys.path(tls.cacert));
      if (tls.skipsVerification) endHandshake(service, certificate, from);
      else shakeHands(service, { authorities, host, certificate, from, nowMs: sys.kernel.clock.unixMs });
      return undefined;
    } catch (error) {
      if (!(error instanceof TlsError)) throw error;
      if (!error.message.startsWith('tls: ')) return `error reading server preface: ${error.message}`;
      return `transport: authentication handshake failed: ${error.message}`;
    }
  }

  /** The outcome of a call, undefined when it is not there in time. What was asked for goes on: etcd is not told that nobody waits. */
  *#within<T>(untilMs: number, run: () => Call<T>): Call<{ readonly value: T } | undefined> {
    const { kernel, nowMs } = this.sys;
    const queue = new WaitQueue();
    let outcome: { readonly value: T } | { readonly error: unknown } | undefined;
    const background = kernel.isInBackground;
    kernel.fiber(
      (function* () {
        try {
          outcome = { value: yield* run() };
        } catch (error) {
          outcome = { error };
        }
        queue.wake();
      })(),
      { background },
    );
    const timer = kernel.loop.timer(untilMs - nowMs, () => queue.wake(), background);
    while (!outcome && kernel.loop.now < untilMs) yield* this.sys.block(queue, 'etcd call');
    timer.cancel();
    if (outcome && 'error' in outcome) throw outcome.error;
    return outcome;
  }

  #warn(endpoints: readonly string[], method: string, error: string): Call<void> {
    return this.log('warn', 'retrying of unary invoker failed', {
      logger: 'etcd-client',
      caller: 'v3@v3.6.5/retry_interceptor.go:65',
      target: `etcd-endpoints://0xc00021e000/${endpoints[0]!.replace(/^https?:\/\//, '')}`,
      method: `/etcdserverpb.${method}`,
      attempt: 0,
      error,
    });
  }

  /** A line as zap writes it. `logger` and `caller` stand before the message. */
  log(level: 'info' | 'warn' | 'fatal', msg: string, { logger, caller, ...more }: Readonly<Record<string, unknown>>): Call<void> {
    const head = { level, ts: this.sys.kernel.clock.microTime(), ...(logger !== undefined && { logger }), caller };
    return this.sys.print(2, `${JSON.stringify({ ...head, msg, ...more })}\n`);
  }
}
