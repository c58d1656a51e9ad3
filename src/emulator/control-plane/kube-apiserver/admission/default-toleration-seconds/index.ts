/**
 * DefaultTolerationSeconds: a Pod stays on a node that is not ready or unreachable for 300 seconds, unless it says otherwise.
 * Upstream: plugin/pkg/admission/defaulttolerationseconds/admission.go.
 */
import type { Pod, PodSpec, Toleration } from '../../../../api/generated/types.ts';
import { change } from '../../../../api/fill.ts';
import { PerSpec } from '../per-spec.ts';
import type { AdmissionPlugin } from '../plugin.ts';

const toleration = (key: string): Toleration => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 });
const notReady = toleration('node.kubernetes.io/not-ready');
const unreachable = toleration('node.kubernetes.io/unreachable');

const specs = new PerSpec();

function addTolerations(spec: PodSpec): PodSpec {
  const present = spec.tolerations ?? [];
  const missing = [notReady, unreachable].filter(
    ({ key: wanted }) =>
      !present.some(({ key = '', effect = '' }) => (key === wanted || key === '') && (effect === 'NoExecute' || effect === '')),
  );
  return missing.length === 0 ? spec : { ...spec, tolerations: [...present, ...missing] };
}

export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  resources: ['pods'],
  operations: ['CREATE', 'UPDATE'],
  // A client that applies its list of tolerations again takes the two away; they come back before anyone looks.
  admit: (_server, { object, operation }) =>
    operation === 'CREATE' ? specs.apply(object, '', addTolerations) : change(object as Pod, 'spec', addTolerations),
};
