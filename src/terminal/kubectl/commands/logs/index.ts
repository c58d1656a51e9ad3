/** kubectl logs. Upstream: kubectl/pkg/cmd/logs/logs.go and polymorphichelpers/logsforobject.go. */

import type { ByteString, Call, Sys } from '../../../../emulator/kernel/index.ts';
import { OpenFile } from '../../../../emulator/kernel/index.ts';
import { isNotFound } from '../../../../emulator/machinery/status-error.ts';
import { parseTime } from '../../../../emulator/kernel/index.ts';
import type { Command } from '../../command.ts';
import { completePod } from '../../completion.ts';
import { CommandError, messageOf } from '../../errors.ts';
import { containerFlag, selectorFlag } from '../../flag-groups.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { chooseContainer, hasContainer, podsBehind } from '../../pods.ts';
import { select } from '../../resources/builder.ts';
import { LineStream } from '../../rest/line-stream.ts';
import { textBody } from '../../rest/rest-client.ts';

export const logs: Command = {
  name: 'logs',
  short: 'Print the logs for a container in a pod',
  usage: 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]',
  examples: ['logs web-1', 'logs -f deployment/web', 'logs --previous web-1 -c app', 'logs -l app=web --prefix'],
  flags: [
    flag('all-containers', 'bool', false, 'Logs of all containers of the Pod.'),
    flag('all-pods', 'bool', false, 'Logs of all Pods behind the object, with prefixes.'),
    containerFlag,
    flag('follow', 'bool', false, 'Go on as lines come.', { short: 'f' }),
    flag('ignore-errors', 'bool', false, 'Go on when one stream fails.'),
    flag('insecure-skip-tls-verify-backend', 'bool', false, "Do not check the kubelet's certificate."),
    flag('limit-bytes', 'int', 0, 'How many bytes at most.'),
    flag('max-log-requests', 'int', 5, 'How many streams to follow at most.'),
    flag('pod-running-timeout', 'duration', 20_000, 'How long to wait for a Pod.'),
    flag('prefix', 'bool', false, 'Put Pod and container before each line.'),
    flag('previous', 'bool', false, 'Logs of the container before the last restart.', { short: 'p' }),
    selectorFlag,
    flag('since', 'duration', 0, 'Lines of this last time only, e.g. 5m.'),
    flag('since-time', 'string', '', 'Lines after this time only, RFC 3339.'),
    flag('tail', 'int', -1, 'How many of the last lines; -1 means all.'),
    flag('timestamps', 'bool', false, 'Put the time before each line.'),
  ],
  complete: completePod,
  *run(invocation) {
    const { flags, args } = invocation;
    const container = checkArguments(invocation);
    const streams = yield* streamsOf(invocation, args[0], container);
    if (flags.bool('follow') && streams.length > flags.int('max-log-requests')) {
      throw new CommandError(
        `you are attempting to follow ${streams.length} log streams, but maximum allowed concurrency is ${flags.int('max-log-requests')}, use --max-log-requests to increase the limit`,
      );
    }
    if (flags.bool('follow') && streams.length > 1) return yield* followAll(invocation, streams);
    for (const stream of streams) {
      try {
        yield* copyLog(invocation, stream);
      } catch (error) {
        if (!flags.bool('ignore-errors')) throw error;
        yield* invocation.out(`error: ${messageOf(error)}\n`);
      }
    }
    return 0;
  },
};

interface LogStream {
  readonly pod: Json;
  readonly container: string;
}

/** The container that the arguments name, if any. */
function checkArguments(invocation: Invocation): string {
  const { flags, args } = invocation;
  const selector = flags.string('selector');
  const usage = "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command";
  if (args.length === 0 && selector === '') throw invocation.usageError(usage);
  if (args.length > 0 && selector !== '') throw invocation.usageError('only a selector (-l) or a POD name is allowed');
  if (args.length > 2) throw invocation.usageError(usage);
  if (flags.bool('all-containers') && flags.string('container') !== '') {
    throw new CommandError(`--all-containers=true should not be specified with container name ${flags.string('container')}`);
  }
  if (flags.string('container') !== '' && args.length === 2)
    throw new CommandError('only one of -c or an inline [CONTAINER] arg is allowed');
  if (flags.string('since-time') !== '' && flags.duration('since') !== 0)
    throw new CommandError('at most one of `sinceTime` or `sinceSeconds` may be specified');
  const time = flags.string('since-time');
  if (time !== '' && parseTime(time) === undefined)
    throw new CommandError(
      `parsing time ${JSON.stringify(time)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(time)} as "2006"`,
    );
  if (flags.int('limit-bytes') < 0) throw new CommandError('--limit-bytes must be greater than 0');
  if (flags.duration('since') < 0) throw new CommandError('--since must be greater than 0');
  if (flags.int('tail') < -1) throw new CommandError('--tail must be greater than or equal to -1');
  return args[1] ?? flags.string('container');
}

function* streamsOf(invocation: Invocation, argument: string | undefined, container: string): Call<readonly LogStream[]> {
  const { flags } = invocation;
  const bySelector = argument === undefined;
  const selection = yield* select(
    invocation,
    bySelector ? { args: ['pods'], selector: flags.string('selector') } : { args: [argument], latest: true, defaultType: 'pods' },
  );
  const [error] = selection.errors;
  if (isNotFound(error))
    throw new CommandError(`error from server (NotFound): ${messageOf(error)} in namespace ${JSON.stringify(invocation.namespace)}`);
  if (error !== undefined) throw error;
  if (bySelector && selection.targets.length === 0) yield* invocation.err(`No resources found in ${invocation.namespace} namespace.\n`);
  const pods: Json[] = [];
  for (const { object } of selection.targets) {
    const behind = yield* podsWithin(invocation, object);
    if (flags.bool('all-pods')) pods.push(...behind);
    else if (behind[0]) {
      if (behind.length > 1) yield* invocation.err(`Found ${behind.length} pods, using pod/${behind[0].metadata.name}\n`);
      pods.push(behind[0]);
    }
  }
  const streams: LogStream[] = [];
  for (const pod of pods) {
    if (flags.bool('all-containers')) {
      for (const one of [...(pod.spec.initContainers ?? []), ...pod.spec.containers, ...(pod.spec.ephemeralContainers ?? [])])
        streams.push({ pod, container: one.name });
    } else if (container !== '') {
      if (!hasContainer(pod, container)) throw new CommandError(`container ${container} is not valid for pod ${pod.metadata.name}`);
      streams.push({ pod, container });
    } else streams.push({ pod, container: yield* chooseContainer(invocation, pod, { quiet: flags.bool('all-pods') }) });
  }
  return streams;
}

function* podsWithin(invocation: Invocation, object: Json): Call<readonly Json[]> {
  const untilMs = invocation.sys.nowMs + invocation.flags.duration('pod-running-timeout');
  for (;;) {
    const pods = yield* podsBehind(invocation, object, 'cannot get the logs from');
    if (pods.length > 0) return pods;
    if (invocation.sys.nowMs >= untilMs) throw new CommandError('timed out waiting for the condition');
    yield* invocation.sys.sleep(500);
  }
}

function* openLog(invocation: Invocation, { pod, container }: LogStream): ReturnType<Invocation['client']['send']> {
  const { flags } = invocation;
  const isTrue = (name: string): string | undefined => (flags.bool(name) ? 'true' : undefined);
  const tail = flags.int('tail') === -1 && flags.string('selector') !== '' && !flags.changed('tail') ? 10 : flags.int('tail');
  return yield* invocation.client.send({
    method: 'GET',
    path: `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}/log`,
    query: {
      container,
      follow: isTrue('follow'),
      limitBytes: flags.int('limit-bytes') > 0 ? String(flags.int('limit-bytes')) : undefined,
      previous: isTrue('previous'),
      sinceSeconds: flags.duration('since') > 0 ? String(Math.round(flags.duration('since') / 1000)) : undefined,
      sinceTime: flags.string('since-time') || undefined,
      tailLines: tail >= 0 ? String(tail) : undefined,
      timestamps: isTrue('timestamps'),
    },
  });
}

function prefixOf(invocation: Invocation, stream: LogStream): string {
  const { flags } = invocation;
  return flags.bool('prefix') || flags.bool('all-pods') ? `[pod/${stream.pod.metadata.name}/${stream.container}] ` : '';
}

function* copyLog(invocation: Invocation, stream: LogStream): Call<void> {
  const response = yield* openLog(invocation, stream);
  const prefix = prefixOf(invocation, stream);
  if (!(response.body instanceof OpenFile)) {
    const text = yield* textBody(invocation.sys, response);
    if (text !== '') yield* invocation.out(prefix === '' ? text : text.replace(/^(?=[^\n]|\n)/gm, prefix));
    return;
  }
  if (prefix === '') yield* copyBytes(invocation.sys, response.body);
  else yield* copyLines(invocation.sys, response.body, prefix);
}

function* copyBytes(sys: Sys, body: OpenFile): Call<void> {
  const fd = sys.fds.add(body);
  for (let data: ByteString; (data = yield* sys.read(fd)) !== ''; ) yield* sys.write(1, data);
  sys.fds.close(fd);
}

function* copyLines(sys: Sys, body: OpenFile, prefix: string): Call<void> {
  const lines = new LineStream(sys, body);
  for (let line: string | undefined; (line = yield* lines.next()) !== undefined; ) yield* sys.print(1, `${prefix}${line}\n`);
  lines.close();
}

/** Follows several streams at once, a process each, so that every line is written whole. */
function* followAll(invocation: Invocation, streams: readonly LogStream[]): Call<number> {
  const { sys } = invocation;
  for (const stream of streams) {
    const { body } = yield* openLog(invocation, stream);
    const prefix = prefixOf(invocation, stream);
    sys.spawn({
      argv: sys.argv,
      *program(child) {
        if (body instanceof OpenFile) yield* copyLines(child, body, prefix);
        return 0;
      },
    });
  }
  for (const _ of streams) yield* sys.wait();
  return 0;
}
