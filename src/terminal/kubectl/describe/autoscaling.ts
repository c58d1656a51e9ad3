/** HorizontalPodAutoscaler. */
import type { Json } from '../json.ts';
import type { Page } from './page.ts';
import { longTime } from './page.ts';

const unknown = '<unknown>';

/** `12% (24m) / 50%`, or amounts. */
function resourceLine(page: Page, what: string, target: Json, current: Json): void {
  if (target.averageValue !== undefined) {
    page.line(1, `${what}:\t${current?.averageValue ?? unknown} / ${target.averageValue}`);
    return;
  }
  const used = current?.averageUtilization === undefined ? unknown : `${current.averageUtilization}% (${current.averageValue})`;
  const wanted = target.averageUtilization === undefined ? '<auto>' : `${target.averageUtilization}%`;
  page.line(1, `${what}  (as a percentage of request):\t${used} / ${wanted}`);
}

function writeMetric(page: Page, metric: Json, status: Json): void {
  switch (metric.type) {
    case 'External': {
      const { metric: of, target } = metric.external;
      const current = status?.external?.current;
      const name = JSON.stringify(of.name);
      if (target.averageValue !== undefined)
        page.line(1, `${name} (target average value):\t${current?.averageValue ?? unknown} / ${target.averageValue}`);
      else page.line(1, `${name} (target value):\t${current?.value ?? unknown} / ${target.value}`);
      return;
    }
    case 'Pods': {
      const { metric: of, target } = metric.pods;
      page.line(1, `${JSON.stringify(of.name)} on pods:\t${status?.pods?.current.averageValue ?? unknown} / ${target.averageValue}`);
      return;
    }
    case 'Object': {
      const { metric: of, describedObject: at, target } = metric.object;
      const current = status?.object?.current;
      const what = `"${of.name}" on ${at.kind}/${at.name}`;
      if (target.type === 'AverageValue')
        page.line(1, `${what} (target average value):\t${current?.averageValue ?? unknown} / ${target.averageValue}`);
      else page.line(1, `${what} (target value):\t${current?.value ?? unknown} / ${target.value}`);
      return;
    }
    case 'Resource':
      resourceLine(page, `resource ${metric.resource.name} on pods`, metric.resource.target, status?.resource?.current);
      return;
    case 'ContainerResource': {
      const { name, container, target } = metric.containerResource;
      resourceLine(page, `resource ${name} of container "${container}" on pods`, target, status?.containerResource?.current);
      return;
    }
    default:
      page.line(1, `<unknown metric type ${JSON.stringify(metric.type)}>`);
  }
}

function writeRules(page: Page, direction: string, rules: Json): void {
  if (!rules) return;
  page.line(1, `${direction}:`);
  if (rules.stabilizationWindowSeconds !== undefined) page.line(2, `Stabilization Window: ${rules.stabilizationWindowSeconds} seconds`);
  if (!rules.policies?.length) return;
  page.line(2, `Select Policy: ${rules.selectPolicy ?? 'Max'}`);
  page.line(2, 'Policies:');
  for (const { type, value, periodSeconds } of rules.policies)
    page.line(3, `- Type: ${type}\tValue: ${value}\tPeriod: ${periodSeconds} seconds`);
}

export function writeHorizontalPodAutoscaler(page: Page, { metadata, spec, status = {} }: Json): void {
  page.field(0, 'Name', metadata.name);
  page.field(0, 'Namespace', metadata.namespace);
  page.labels('Labels', metadata.labels);
  page.annotations('Annotations', metadata.annotations);
  page.field(0, 'CreationTimestamp', longTime(metadata.creationTimestamp));
  page.field(0, 'Reference', `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`);
  page.field(0, 'Metrics', '( current / target )');
  for (const [i, metric] of (spec.metrics ?? []).entries()) writeMetric(page, metric, status.currentMetrics?.[i]);
  page.field(0, 'Min replicas', spec.minReplicas ?? '<unset>');
  page.field(0, 'Max replicas', spec.maxReplicas);
  if (spec.behavior) {
    page.line(0, 'Behavior:');
    writeRules(page, 'Scale Up', spec.behavior.scaleUp);
    writeRules(page, 'Scale Down', spec.behavior.scaleDown);
  }
  page.field(0, `${spec.scaleTargetRef.kind} pods`, `${status.currentReplicas ?? 0} current / ${status.desiredReplicas ?? 0} desired`);
  if (!status.conditions?.length) return;
  page.line(0, 'Conditions:');
  page.line(1, 'Type\tStatus\tReason\tMessage');
  page.line(1, '----\t------\t------\t-------');
  for (const { type, status: value, reason, message } of status.conditions) page.line(1, `${type}\t${value}\t${reason}\t${message}`);
}
