/** Metrics of a HorizontalPodAutoscaler in one cell, as pkg/printers/internalversion/printers.go prints them (formatHPAMetrics). */
import type { HorizontalPodAutoscaler, MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from '../generated/types.ts';

const unknown = '<unknown>';
/** More metrics than these are only counted. */
const shown = 2;

function ofResource(name: string, target: MetricTarget, current: MetricValueStatus | undefined): string {
  if (target.averageValue !== undefined) return `${name}: ${current?.averageValue ?? unknown}/${target.averageValue}`;
  const used = current?.averageUtilization === undefined ? unknown : `${current.averageUtilization}%`;
  return `${name}: ${used}/${target.averageUtilization === undefined ? '<auto>' : `${target.averageUtilization}%`}`;
}

function ofTotal(target: MetricTarget, current: MetricValueStatus | undefined): string {
  if (target.averageValue !== undefined) return `${current?.averageValue ?? unknown}/${target.averageValue} (avg)`;
  return `${current?.value ?? unknown}/${target.value}`;
}

function ofMetric({ type, resource, containerResource, object, external, pods }: MetricSpec, status: MetricStatus | undefined): string {
  switch (type) {
    case 'Resource':
      return ofResource(resource!.name, resource!.target, status?.resource?.current);
    case 'ContainerResource':
      return ofResource(containerResource!.name, containerResource!.target, status?.containerResource?.current);
    case 'Object':
      return ofTotal(object!.target, status?.object?.current);
    case 'External':
      return ofTotal(external!.target, status?.external?.current);
    case 'Pods':
      return `${status?.pods?.current.averageValue ?? unknown}/${pods!.target.averageValue}`;
    default:
      return '<unknown type>';
  }
}

/** `cpu: 12%/50%, memory: <unknown>/80%`. */
export function targetsOf({ spec, status }: HorizontalPodAutoscaler): string {
  const metrics = spec.metrics ?? [];
  if (metrics.length === 0) return '<none>';
  const cells = metrics.slice(0, shown).map((metric, i) => ofMetric(metric, status?.currentMetrics?.[i]));
  const text = cells.join(', ');
  return metrics.length > shown ? `${text} + ${metrics.length - shown} more...` : text;
}
