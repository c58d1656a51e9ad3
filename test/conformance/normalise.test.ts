import { expect, test } from 'vitest';
import { normalise } from './normalise.ts';

const place = { server: 'https://127.0.0.1:1', home: '/h' };
const drained = (reasons: readonly string[]) => ({
  out: '',
  err: `error: unable to drain node "a" due to error: [${reasons.join(', ')}], continuing command...\nThere are pending nodes to be drained:\n a\n${reasons.join('\n')}\n`,
  code: 1,
});
const reasons = [
  'cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): kube-system/a, kube-system/kube-proxy-8q25j',
  'cannot delete cannot delete Pods that declare no controller (use --force to override): default/solo',
];

test("the reasons of drain, which Go's map gives in any order, are compared in one", () => {
  const one = normalise('drain a', drained(reasons), place);
  expect(normalise('drain a', drained([...reasons].reverse()), place)).toEqual(one);
  expect(one.err).toContain(
    '[cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): kube-system/a, kube-system/kube-proxy-RANDOM, cannot',
  );
  expect(normalise('drain a', drained(reasons.slice(1)), place)).not.toEqual(one);
});
