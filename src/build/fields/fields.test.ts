import { expect, test } from 'vitest';
import { mergeFacts } from '../../emulator/machinery/merge-keys.ts';
import { modelSchema, type SchemaType } from '../../emulator/machinery/schema.ts';
import { generate } from './index.ts';

generate();

/** The type of a field as the generator writes it. */
function text(type: SchemaType): string {
  if (type.kind === 'scalar') return type.scalar;
  if (type.kind === 'list') return `[]${text(type.item)}`;
  return type.kind === 'map' ? `{}${text(type.value)}` : type.name;
}

function check(model: string, field: string, want: string): void {
  expect(text(modelSchema(model).fields.get(field)!.type)).toBe(want);
}

test.each([
  ['Pod', 'spec', 'PodSpec'],
  ['PodSpec', 'containers', '[]Container'],
  ['PodSpec', 'overhead', '{}quantity'],
  ['ServicePort', 'targetPort', 'int-or-string'],
  ['Secret', 'data', '{}bytes'],
  ['ContainerPort', 'containerPort', 'int32'],
  ['PodSpec', 'activeDeadlineSeconds', 'int64'],
  ['ObjectMeta', 'creationTimestamp', 'time'],
  ['LeaseSpec', 'renewTime', 'micro-time'],
  ['Event', 'involvedObject', 'ObjectReference'],
  ['HorizontalPodAutoscalerSpec', 'metrics', '[]MetricSpec'],
  ['JSONSchemaProps', 'x-kubernetes-validations', '[]ValidationRule'],
])('%s.%s', check);

test('every fact is of a model and a field that exist', () => {
  for (const [model, facts] of Object.entries(mergeFacts)) {
    for (const field of Object.keys(facts)) if (field !== '$') expect(modelSchema(model).fields.has(field), `${model}.${field}`).toBe(true);
  }
});

test('lists know their keys', () => {
  const ports = modelSchema('ServiceSpec').fields.get('ports')!;
  expect(ports.type).toMatchObject({
    kind: 'list',
    merge: { listType: 'map', keys: ['port', 'protocol'], keyDefaults: { protocol: 'TCP' } },
  });
  expect(ports.patch).toMatchObject({ isMerged: true, mergeKey: 'port' });
  expect(modelSchema('PodSpec').required).toEqual(['containers']);
});
