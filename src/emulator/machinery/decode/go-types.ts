/** What Go calls the types that have no name of their own, in the messages of its JSON decoder: `of type []v1.Container`. */
import type { SchemaType } from '../schema.ts';

const scalars: Readonly<Record<string, string>> = {
  string: 'string',
  int32: 'int32',
  int64: 'int64',
  number: 'float64',
  boolean: 'bool',
  quantity: 'resource.Quantity',
  'int-or-string': 'intstr.IntOrString',
  time: 'v1.Time',
  'micro-time': 'v1.MicroTime',
  bytes: '[]uint8',
  any: 'interface {}',
};

export function goType(type: SchemaType): string {
  if (type.kind === 'scalar') return scalars[type.scalar]!;
  if (type.kind === 'list') return `[]${goType(type.item)}`;
  if (type.kind === 'map') return `map[string]${goType(type.value)}`;
  return qualified(type.name);
}

/** A model's name with its package: `v1.PodSpec`. */
function qualified(name: string): string {
  const own = name.replace(/^([A-Z][a-z]+)?V\d+(?=[A-Z])/, '');
  const version =
    /^(?:[A-Z][a-z]+)?(V\d+)(?=[A-Z])/.exec(name)?.[1]?.toLowerCase() ??
    (/^(HorizontalPodAutoscaler|HPA|Metric(Spec|Status|Target|Value|Identifier)|CrossVersionObjectReference|\w+MetricS)/.test(name)
      ? 'v2'
      : 'v1');
  return `${version}.${own}`;
}
