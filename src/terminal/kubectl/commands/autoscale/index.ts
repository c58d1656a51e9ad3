/** kubectl autoscale. Upstream: kubectl/pkg/cmd/autoscale/autoscale.go. */
import type { Call } from '../../../../emulator/kernel/index.ts';
import type { Command } from '../../command.ts';
import { completeObjects } from '../../completion.ts';
import { AggregateFailure, CommandError } from '../../errors.ts';
import { dryRunFlag, fieldManagerFlag, fileFlags, printFlags, saveConfigFlag } from '../../flag-groups.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { withLastApplied } from '../../last-applied.ts';
import { dryRunStrategy, reportPrinter } from '../../printers/print-flags.ts';
import { builderFlags, select } from '../../resources/builder.ts';
import type { Target } from '../../resources/target.ts';
import { apiVersionOf } from '../../rest/mapper.ts';

export const autoscale: Command = {
  name: 'autoscale',
  short: 'Auto-scale a deployment, replica set, stateful set, or replication controller',
  usage: 'autoscale (-f FILENAME | TYPE NAME | TYPE/NAME) [--min=MINPODS] --max=MAXPODS [--cpu-percent=CPU]',
  examples: ['autoscale deployment web --min=2 --max=10', 'autoscale deployment/web --max=5 --cpu-percent=80'],
  flags: [
    ...printFlags,
    ...fileFlags,
    flag('cpu-percent', 'int', -1, 'How much of their CPU requests the Pods should use, in percent.'),
    dryRunFlag,
    fieldManagerFlag('kubectl-autoscale'),
    flag('max', 'int', -1, 'The most Pods.'),
    flag('min', 'int', -1, 'The fewest Pods.'),
    flag('name', 'string', '', 'Name of the new object; that of what it scales when absent.'),
    saveConfigFlag,
  ],
  required: ['max'],
  complete: completeObjects,
  *run(invocation) {
    const { flags } = invocation;
    const dryRun = dryRunStrategy(invocation);
    const [min, max] = [flags.int('min'), flags.int('max')];
    if (max < 1) throw new CommandError(`--max=MAXPODS is required and must be at least 1, max: ${max}`);
    if (max < min) throw new CommandError(`--max=MAXPODS must be larger or equal to --min=MINPODS, max: ${max}, min: ${min}`);
    const { targets, errors } = yield* select(invocation, { ...builderFlags(invocation), namesOnly: true });
    const print = yield* reportPrinter(invocation);
    const failures: unknown[] = [...errors];
    for (const target of targets) {
      try {
        const scaler = scalerFor(invocation, target);
        if (dryRun === 'client') yield* invocation.out(print(scaler, 'created'));
        else yield* invocation.out(print(yield* create(invocation, scaler), 'autoscaled'));
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateFailure(failures);
    return 0;
  },
};

function scalerFor({ flags }: Invocation, { resource, name }: Target): Json {
  if (!resource.subresources.includes('scale')) {
    throw new CommandError(
      `cannot autoscale a ${resource.kind}: could not find scale subresource for ${resource.group}/${resource.version}, Resource=${resource.resource} in discovery information`,
    );
  }
  const [min, percent] = [flags.int('min'), flags.int('cpu-percent')];
  const target = { averageUtilization: percent, type: 'Utilization' };
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: flags.string('name') || name },
    spec: {
      maxReplicas: flags.int('max'),
      ...(percent >= 0 && { metrics: [{ resource: { name: 'cpu', target }, type: 'Resource' }] }),
      ...(min > 0 && { minReplicas: min }),
      scaleTargetRef: { apiVersion: apiVersionOf(resource), kind: resource.kind, name },
    },
    status: { currentMetrics: null, desiredReplicas: 0 },
  };
}

function* create(invocation: Invocation, scaler: Json): Call<Json> {
  const { status: _, ...body } = invocation.flags.bool('save-config') ? withLastApplied(scaler) : scaler;
  return yield* invocation.client.request({
    method: 'POST',
    path: `/apis/autoscaling/v2/namespaces/${invocation.namespace}/horizontalpodautoscalers`,
    query: {
      dryRun: dryRunStrategy(invocation) === 'server' ? 'All' : undefined,
      fieldManager: invocation.flags.string('field-manager') || undefined,
    },
    body,
  });
}
