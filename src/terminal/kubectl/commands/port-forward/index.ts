/** kubectl port-forward. Upstream: kubectl/pkg/cmd/portforward/portforward.go, client-go/tools/portforward. */
import type { Call } from '../../../../emulator/kernel/index.ts';
import { isErrno } from '../../../../emulator/kernel/index.ts';
import type { Service } from '../../../../emulator/kernel/network.ts';
import type { Command } from '../../command.ts';
import { completePod } from '../../completion.ts';
import { CommandError } from '../../errors.ts';
import { podRunningTimeoutFlag } from '../../flag-groups.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { podFor } from '../../pods.ts';
import { select } from '../../resources/builder.ts';

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
    if (pod.status?.phase !== 'Running')
      throw new CommandError(`unable to forward port because pod is not running. Current status=${pod.status?.phase}`);
    const ports = args.slice(1).map((text) => resolvePort(text, object, pod));
    for (const port of ports) {
      const service = yield* serviceOf(invocation, pod, port.remote);
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

/** Asks the API server for the connection into the Pod; what it hands back is the listener on the far port. */
function* serviceOf(invocation: Invocation, pod: Json, port: number): Call<Service> {
  const response = yield* invocation.client.send({
    method: 'POST',
    path: `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}/portforward`,
    query: { ports: String(port) },
  });
  const connect = response.upgrade as { readonly service: Service } | Service | undefined;
  if (response.status !== 101 || connect === undefined)
    throw new CommandError('error upgrading connection: the server did not switch protocols');
  return 'service' in connect ? connect.service : connect;
}

function* listen(invocation: Invocation, ip: string, port: Port, service: Service): Call<void> {
  const { sys } = invocation;
  try {
    const handle = (notify: () => void): Service => ({
      ...service,
      ...(service.http && {
        *http(request, peer) {
          notify();
          return yield* service.http!(request, peer);
        },
      }),
      ...(service.stream && {
        stream(stream, peer) {
          notify();
          service.stream!(stream, peer);
        },
      }),
    });
    const listener = sys.net.listen(
      port.local,
      handle(() => announce(invocation, port)),
      { ip },
    );
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

/** Says that a connection came in, without waiting: it is told from within the connection. */
function announce(invocation: Invocation, port: Port): void {
  const text = `Handling connection for ${port.local}\n`;
  invocation.sys.fds.get(1).write(text as Parameters<Invocation['sys']['tryWrite']>[1]);
}
