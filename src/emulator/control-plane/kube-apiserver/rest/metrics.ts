/** `/metrics` in Prometheus' text form: what this server has counted. Upstream: apiserver/pkg/endpoints/metrics. */
import { targetOf } from '../flow-control/lending.ts';
import type { LevelSeats } from '../flow-control/seats.ts';
import type { ApiServer } from '../server.ts';

interface Build {
  readonly buildDate: string;
  readonly compiler: string;
  readonly gitCommit: string;
  readonly gitTreeState: string;
  readonly gitVersion: string;
  readonly goVersion: string;
  readonly major: string;
  readonly minor: string;
  readonly platform: string;
}

type Labels = Readonly<Record<string, string>>;

export function metrics(server: ApiServer, build: Build): string {
  const { kernel, registry } = server;
  const stored = registry.all.flatMap(({ resource, group, store, descriptor }) =>
    store && !descriptor.view
      ? [sample('apiserver_storage_objects', { resource: group === '' ? resource : `${resource}.${group}` }, store.keyspace.size)]
      : [],
  );
  const watches = new Map<string, number>();
  for (const { request } of server.watches) {
    const { group, version, resource } = request.resource;
    const scope = request.namespace === '' ? 'cluster' : 'namespace';
    const labels = { component: 'apiserver', group, resource, scope, subresource: '', verb: 'WATCH', version };
    const key = labelText(labels);
    watches.set(key, (watches.get(key) ?? 0) + 1);
  }
  const { buildDate, compiler, gitCommit, gitTreeState, gitVersion, goVersion, major, minor, platform } = build;
  return [
    family('apiserver_longrunning_requests', 'gauge', '[STABLE] Gauge of all active long-running apiserver requests.', [
      ...[...watches].sort().map(([labels, count]) => `apiserver_longrunning_requests{${labels}} ${count}`),
    ]),
    ...flowControl(server),
    family(
      'apiserver_request_total',
      'counter',
      '[STABLE] Counter of apiserver requests broken out for each verb, resource and code.',
      requests(server),
    ),
    family('apiserver_storage_objects', 'gauge', '[STABLE] Number of stored objects, by kind.', stored),
    family('etcd_server_revision', 'gauge', '[ALPHA] Revision of the store.', [
      sample('etcd_server_revision', {}, server.etcd.data.revision),
    ]),
    family('kubernetes_build_info', 'gauge', "[ALPHA] A metric with a constant '1' value, labeled by the build.", [
      sample(
        'kubernetes_build_info',
        {
          build_date: buildDate,
          compiler,
          git_commit: gitCommit,
          git_tree_state: gitTreeState,
          git_version: gitVersion,
          go_version: goVersion,
          major,
          minor,
          platform,
        },
        1,
      ),
    ]),
    family('process_start_time_seconds', 'gauge', 'Start time of the process since unix epoch in seconds.', [
      sample('process_start_time_seconds', {}, (kernel.clock.epochMs + server.startedMs) / 1000),
    ]),
  ].join('');
}

/** What the priority levels have to do. */
function flowControl({ flowControl: { levels, fairFraction } }: ApiServer): readonly string[] {
  const gauge = (name: string, help: string, value: (level: LevelSeats) => number): string =>
    family(
      name,
      'gauge',
      help,
      levels.map((level) => sample(name, { priority_level: level.name }, value(level))),
    );
  const rejected = levels.flatMap(({ name, refused }) =>
    [...refused].map(([key, count]) => {
      const [flow_schema, reason] = key.split(' ') as [string, string];
      return sample('apiserver_flowcontrol_rejected_requests_total', { flow_schema, priority_level: name, reason }, count);
    }),
  );
  const dispatched = levels.flatMap(({ name, dispatchedBy }) =>
    [...dispatchedBy].map(([flow_schema, count]) =>
      sample('apiserver_flowcontrol_dispatched_requests_total', { flow_schema, priority_level: name }, count),
    ),
  );
  const bySchema = (name: string, help: string, requestsOf: (level: LevelSeats) => Iterable<{ readonly schema: string }>): string => {
    const counts = levels.flatMap((level) => {
      const found = new Map<string, number>();
      for (const { schema } of requestsOf(level)) found.set(schema, (found.get(schema) ?? 0) + 1);
      return [...found].map(([flow_schema, count]) => sample(name, { flow_schema, priority_level: level.name }, count));
    });
    return family(name, 'gauge', help, counts);
  };
  const prefix = 'apiserver_flowcontrol_';
  return [
    bySchema(`${prefix}current_executing_requests`, '[BETA] Requests that are served, by flow schema.', ({ executing }) => executing),
    gauge(`${prefix}current_executing_seats`, '[BETA] Seats that are occupied, by priority level.', ({ used }) => used),
    bySchema(`${prefix}current_inqueue_requests`, '[BETA] Requests that wait, by flow schema.', ({ waiting }) => waiting),
    gauge(`${prefix}current_inqueue_seats`, '[ALPHA] Seats that waiting requests want, by priority level.', ({ waiting }) =>
      waiting.reduce((sum, { width }) => sum + width, 0),
    ),
    gauge(
      `${prefix}current_limit_seats`,
      '[ALPHA] Seats that a priority level has for now, with what it lends and borrows.',
      ({ limit }) => limit,
    ),
    gauge(
      `${prefix}demand_seats_average`,
      '[ALPHA] Seats that a level could use, on average over the last period.',
      ({ demand }) => demand.last.average,
    ),
    gauge(
      `${prefix}demand_seats_high_watermark`,
      '[ALPHA] The most seats that a level could use in the last period.',
      ({ demand }) => demand.last.highest,
    ),
    gauge(`${prefix}demand_seats_smoothed`, '[ALPHA] Smoothed demand for seats.', ({ demand }) => demand.smoothed),
    gauge(`${prefix}demand_seats_stdev`, '[ALPHA] How much that varied.', ({ demand }) => demand.last.deviation),
    family('apiserver_flowcontrol_dispatched_requests_total', 'counter', '[BETA] Requests that were served, by flow schema.', dispatched),
    gauge(`${prefix}lower_limit_seats`, '[ALPHA] Seats that a priority level never lends.', ({ lowest }) => lowest),
    gauge(`${prefix}nominal_limit_seats`, '[BETA] Seats that a priority level has by its shares.', ({ nominal }) => nominal),
    family(
      'apiserver_flowcontrol_rejected_requests_total',
      'counter',
      '[BETA] Requests that were refused, by flow schema and reason.',
      rejected,
    ),
    family(`${prefix}seat_fair_frac`, 'gauge', '[ALPHA] Of the seats that they want, what levels can get.', [
      sample(`${prefix}seat_fair_frac`, {}, fairFraction),
    ]),
    gauge(`${prefix}target_seats`, '[ALPHA] Seats that a level is to get, if there are enough.', targetOf),
    gauge(`${prefix}upper_limit_seats`, '[ALPHA] Seats that a priority level has at most, with what it borrows.', ({ highest }) => highest),
  ];
}

function requests(server: ApiServer): readonly string[] {
  const lines: string[] = [];
  for (const [{ group, version, resource }, counts] of server.requestCounts) {
    for (const [key, count] of counts) {
      const [verb, code, scope, subresource] = key.split(' ') as [string, string, string, string];
      const labels = {
        code,
        component: 'apiserver',
        dry_run: '',
        group,
        resource,
        scope,
        subresource,
        verb: verbs[verb] ?? verb.toUpperCase(),
        version,
      };
      lines.push(sample('apiserver_request_total', labels, count));
    }
  }
  return lines.sort();
}

const verbs: Readonly<Record<string, string>> = { create: 'POST', update: 'PUT' };

function family(name: string, type: 'counter' | 'gauge', help: string, samples: readonly string[]): string {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples, ''].join('\n');
}

function sample(name: string, labels: Labels, value: number): string {
  const text = labelText(labels);
  return text === '' ? `${name} ${value}` : `${name}{${text}} ${value}`;
}

const labelText = (labels: Labels): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(',');
