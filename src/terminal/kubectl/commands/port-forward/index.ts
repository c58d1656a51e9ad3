/** kubectl port-forward. Upstream: kubectl/pkg/cmd/portforward/portforward.go, client-go/tools/portforward. */

import type {
  ByteString,
  Call,
  DuplexStream,
  HttpRequest,
  HttpResponse,
  Kernel,
  OpenFile,
  Service,
} from '../../../../emulator/kernel/index.ts';
import { Errno, isErrno, utf8 } from '../../../../emulator/kernel/index.ts';
import type { Command } from '../../command.ts';
import { completePod } from '../../completion.ts';
import { CommandError } from '../../errors.ts';
import { podRunningTimeoutFlag } from '../../flag-groups.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { podFor } from '../../pods.ts';
import { select } from '../../resources/builder.ts';
import { klogHeader } from '../../rest/klog.ts';

/** What the kubelet hands over. */
interface Forwarder {
  connect(port: number): Call<DuplexStream>;
  request(port: number, request: HttpRequest): Call<HttpResponse>;
}

interface Port {
  readonly local: number;
  readonly remote: number;
}

export const portForward: Command = {
  name: 'port-forward',
  short: 'Forward one or more local ports to a pod',
  usage: 'port-forward TYPE/NAME [options] [LOCAL_PORT:]REMOTE_PORT [...[LOCAL_PORT_N:]REMOTE_PORT_N]',
  examples: ['port-forward pod/web-1 8080:80', 'port-forward service/web 8080:80'],
  flags: [flag('address', 'list', ['localhost'], 'Addresses to listen on.'), podRunningTimeoutFlag],
  complete: completePod,
  *run(invocation) {
    const { args, flags, sys } = invocation;
    if (args.length < 2) throw invocation.usageError('TYPE/NAME and list of ports are required for port-forward');
    const { object, pod } = yield* target(invocation, args[0]!);
    const ports = args.slice(1).map((text) => resolvePort(text, object, pod));
    if (pod.status?.phase !== 'Running')
      throw new CommandError(`unable to forward port because pod is not running. Current status=${pod.status?.phase}`);
    const forwarder = yield* forwarderOf(invocation, pod);
    for (const port of ports) {
      const service = serviceOf(invocation, forwarder, port);
      const addresses = flags.list('address').flatMap((address) => (address === 'localhost' ? ['127.0.0.1'] : [address]));
      for (const ip of addresses) yield* listen(invocation, ip, port, service);
    }
    yield* sys.pause();
    return 0;
  },
};

function* target(invocation: Invocation, argument: string): Call<{ readonly object: Json; readonly pod: Json }> {
  const { targets, errors } = yield* select(invocation, { args: [argument], latest: true, defaultType: 'pods' });
  if (errors.length > 0) throw errors[0];
  return { object: targets[0]!.object, pod: yield* podFor(invocation, argument, invocation.flags.duration('pod-running-timeout')) };
}

function resolvePort(text: string, object: Json, pod: Json): Port {
  const [first, second, ...more] = text.split(':') as [string, string | undefined, ...string[]];
  if (more.length > 0) throw new CommandError(`invalid port format '${text}'`);
  const remoteText = second ?? first;
  const remote = object.kind === 'Service' ? servicePort(object, pod, remoteText) : (numberOf(remoteText) ?? namedPort(pod, remoteText));
  if (remote === undefined) throw new CommandError(`Pod '${pod.metadata.name}' does not have a named port '${remoteText}'`);
  const local = second === undefined ? (numberOf(first) ?? remote) : first === '' ? 0 : numberOf(first);
  if (local === undefined)
    throw new CommandError(`error parsing local port '${first}': strconv.ParseUint: parsing ${JSON.stringify(first)}: invalid syntax`);
  return { local: local === 0 ? 40_000 + (remote % 10_000) : local, remote };
}

function servicePort(service: Json, pod: Json, text: string): number {
  const port = service.spec.ports.find((one: Json) => String(one.port) === text || one.name === text);
  if (!port) throw new CommandError(`Service ${service.metadata.name} does not have a service port ${text}`);
  const { targetPort } = port;
  if (targetPort === undefined) return port.port;
  return typeof targetPort === 'number' ? targetPort : (namedPort(pod, targetPort) ?? port.port);
}

function numberOf(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

function namedPort(pod: Json, name: string): number | undefined {
  return pod.spec.containers.flatMap((container: Json) => container.ports ?? []).find((port: Json) => port.name === name)?.containerPort;
}

/** Asks the API server for the way into the Pod. */
function* forwarderOf(invocation: Invocation, pod: Json): Call<Forwarder> {
  const response = yield* invocation.client.send({
    method: 'POST',
    upgrade: 'SPDY/3.1',
    path: `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}/portforward`,
  });
  if (response.status !== 101 || response.upgrade === undefined)
    throw new CommandError('error upgrading connection: the server did not switch protocols');
  return response.upgrade as Forwarder;
}

/** What listens on the local port: requests and connections go on to the Pod's port. */
function serviceOf(invocation: Invocation, forwarder: Forwarder, port: Port): Service {
  const { kernel } = invocation.sys;
  return {
    *http(request) {
      say(invocation, 1, `Handling connection for ${port.local}\n`);
      try {
        return yield* forwarder.request(port.remote, request);
      } catch (error) {
        if (!isErrno(error)) throw error;
        say(invocation, 2, failureText(invocation, port, error.message));
        throw new Errno('ECONNRESET');
      }
    },
    stream(near) {
      say(invocation, 1, `Handling connection for ${port.local}\n`);
      kernel.fiber(joinStreams(invocation, forwarder, port, near));
    },
  };
}

function* joinStreams(invocation: Invocation, forwarder: Forwarder, port: Port, near: DuplexStream): Call<void> {
  const { kernel } = invocation.sys;
  try {
    const far = yield* forwarder.connect(port.remote);
    kernel.fiber(copy(kernel, near.input, far.output));
    yield* copy(kernel, far.input, near.output);
  } catch (error) {
    if (!isErrno(error)) throw error;
    say(invocation, 2, failureText(invocation, port, error.message));
    near.output.closed();
  }
}

/** Bytes from one end to the other until the one ends or the other is gone. */
function* copy(kernel: Kernel, from: OpenFile, to: OpenFile): Call<void> {
  try {
    for (;;) {
      const data = from.read(65_536);
      if (data === '') break;
      if (data === undefined) yield* kernel.block(from.readable, 'forward');
      for (let rest: string = data ?? ''; rest !== ''; ) {
        rest = rest.slice(to.write(rest as ByteString));
        if (rest !== '') yield* kernel.block(to.writable, 'forward');
      }
    }
  } catch (error) {
    if (!isErrno(error)) throw error;
  }
  to.closed();
}

/** Unverified: the words of the container runtime in the middle are shorter than containerd's. */
function failureText(invocation: Invocation, port: Port, why: string): string {
  const text = `an error occurred forwarding ${port.local} -> ${port.remote}: error forwarding port ${port.remote} to pod: failed to connect to localhost:${port.remote} inside namespace: dial tcp4 127.0.0.1:${port.remote}: connect: ${why.toLowerCase()}`;
  return `${klogHeader(invocation.sys, 'E', 'portforward.go:424]')} "Unhandled Error" err=${JSON.stringify(text)}\n`;
}

function* listen(invocation: Invocation, ip: string, port: Port, service: Service): Call<void> {
  const { sys } = invocation;
  try {
    const listener = sys.net.listen(port.local, service, { ip });
    sys.own(() => listener.close());
  } catch (error) {
    if (!isErrno(error)) throw error;
    yield* invocation.err(
      `Unable to listen on port ${port.local}: Listeners failed to create with the following errors: [unable to create listener: Error listen tcp4 ${ip}:${port.local}: bind: ${error.message.toLowerCase()}]\n`,
    );
    throw new CommandError(`unable to listen on any of the requested ports: [{${port.local} ${port.remote}}]`);
  }
  yield* invocation.out(`Forwarding from ${ip}:${port.local} -> ${port.remote}\n`);
}

/** Prints at once, for it is told from within a connection and not by the process itself. */
function say(invocation: Invocation, fd: number, text: string): void {
  invocation.sys.fds.get(fd).write(utf8(text));
}
