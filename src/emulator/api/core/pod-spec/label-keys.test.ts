import { describe, expect, test } from 'vitest';
import type { Pod } from '../../generated/types.ts';
import { createErrors, finished, strategyContext } from '../../testing.ts';
import { pods } from '../pod.ts';

const containers = [{ name: 'main', image: 'nginx' }];
const metadata = { name: 'a', namespace: 'default', labels: { app: 'web', hash: '7' } };
const web = { matchLabels: { app: 'web' } };
const spread = (more: object): object => ({
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: web, ...more }],
});
const affine = (more: object): object => ({
  affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone', labelSelector: web, ...more }] } },
});
const anti = (more: object): object => ({
  affinity: {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 1, podAffinityTerm: { topologyKey: 'zone', labelSelector: web, ...more } },
      ],
    },
  },
});

const selectorOf = ({ spec }: Pod) =>
  spec.topologySpreadConstraints?.[0]?.labelSelector ??
  spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.[0]?.labelSelector ??
  spec.affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution?.[0]?.podAffinityTerm.labelSelector;

describe('what the API server writes into selectors', () => {
  test.each([
    { name: 'spreading', spec: spread({ matchLabelKeys: ['hash'] }), want: [{ key: 'hash', operator: 'In', values: ['7'] }] },
    { name: 'affinity', spec: affine({ matchLabelKeys: ['hash'] }), want: [{ key: 'hash', operator: 'In', values: ['7'] }] },
    { name: 'anti-affinity', spec: anti({ mismatchLabelKeys: ['hash'] }), want: [{ key: 'hash', operator: 'NotIn', values: ['7'] }] },
    { name: 'a label that the Pod has not', spec: spread({ matchLabelKeys: ['tenant'] }), want: undefined },
    { name: 'no keys', spec: affine({}), want: undefined },
  ])('$name', ({ spec, want }) => {
    const pod = pods.prepareForCreate(finished(pods, { metadata, spec: { containers, ...spec } }), strategyContext);
    expect(selectorOf(pod)).toEqual(want ? { ...web, matchExpressions: want } : web);
  });
});

describe('refuses', () => {
  const at = 'spec.topologySpreadConstraints[0]';
  test.each([
    {
      name: 'keys without a selector',
      spec: spread({ labelSelector: undefined, matchLabelKeys: ['hash'] }),
      want: [`${at}.matchLabelKeys: Forbidden: must not be specified when labelSelector is not set`],
    },
    {
      name: 'a key that the selector has',
      spec: spread({ matchLabelKeys: ['app'] }),
      want: [`${at}[0]: Invalid value: "app": exists in both matchLabelKeys and labelSelector`],
    },
    {
      name: 'a key in both lists',
      spec: affine({ matchLabelKeys: ['hash'], mismatchLabelKeys: ['hash'] }),
      want: [expect.stringContaining('matchLabelKeys and labelSelector'), expect.stringContaining('matchLabelKeys and mismatchLabelKeys')],
    },
  ])('$name', ({ spec, want }) => {
    const pod = pods.prepareForCreate(finished(pods, { metadata, spec: { containers, ...spec } }), strategyContext);
    expect(createErrors(pods, pod)).toEqual(want);
  });

  test('a key that must not match may stand in the selector too', () => {
    const pod = pods.prepareForCreate(
      finished(pods, { metadata, spec: { containers, ...anti({ mismatchLabelKeys: ['app'] }) } }),
      strategyContext,
    );
    expect(createErrors(pods, pod)).toEqual([]);
  });
});
