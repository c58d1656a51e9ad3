import { expect, test } from 'vitest';
import { validatingAdmissionPolicies } from '../../../api/admissionregistration/validating-admission-policy.ts';
import { createControllerTest } from '../testing.ts';
import { validatingAdmissionPolicyStatusController } from './index.ts';

test.each([
  {
    name: 'a good expression',
    expression: 'object.spec.replicas <= 5 && object.spec.template.spec.containers.all(c, c.image != "")',
    want: undefined,
  },
  {
    name: 'a field that is not there',
    expression: 'object.replicas > 1',
    want: [
      {
        fieldRef: 'spec.validations[0].expression',
        warning: "apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'replicas'\n | object.replicas > 1\n | ......^",
      },
    ],
  },
  {
    name: 'a field of another type',
    expression: 'object.spec.replicas == "1"',
    want: [
      {
        fieldRef: 'spec.validations[0].expression',
        warning: expect.stringContaining("found no matching overload for '_==_' applied to '(int, string)'"),
      },
    ],
  },
])('$name', ({ expression, want }) => {
  const t = createControllerTest([validatingAdmissionPolicyStatusController]);
  t.create(validatingAdmissionPolicies, {
    metadata: { name: 'p' },
    spec: {
      matchConstraints: {
        resourceRules: [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['deployments'] }],
      },
      validations: [{ expression }],
    },
  });
  t.advance(1000);
  const { status } = t.get(validatingAdmissionPolicies, 'p');
  expect(status?.observedGeneration).toBe(1);
  expect(status?.typeChecking?.expressionWarnings).toEqual(want);
});
