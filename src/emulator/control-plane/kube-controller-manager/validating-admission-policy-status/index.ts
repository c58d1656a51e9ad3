/** Status of ValidatingAdmissionPolicies: warns of expressions that are wrong about their objects (pkg/controller/validatingadmissionpolicystatus). */
import { checkTypes } from '../../../api/admissionregistration/type-checking.ts';
import { validatingAdmissionPolicies } from '../../../api/admissionregistration/validating-admission-policy.ts';
import type { Call } from '../../../kernel/index.ts';
import { isNotFound } from '../../../machinery/status-error.ts';
import type { Controller } from '../controller.ts';

export const validatingAdmissionPolicyStatusController: Controller = {
  name: 'validatingadmissionpolicy-status-controller',
  start(context) {
    const client = context.client('validatingadmissionpolicy-status-controller');
    const policies = context.informers.for(validatingAdmissionPolicies);
    const queue = context.queue({ name: 'validatingadmissionpolicy-status', reconcile });
    policies.onChange(({ type, object }) => type !== 'DELETED' && queue.add(object.metadata.name));

    function* reconcile(name: string): Call<void> {
      const policy = policies.get(name);
      if (!policy || policy.status?.observedGeneration === policy.metadata.generation) return;
      const { kinds } = yield* client.discover();
      const expressionWarnings = checkTypes(policy, kinds);
      const typeChecking = expressionWarnings.length > 0 ? { expressionWarnings } : {};
      const status = { ...policy.status, observedGeneration: policy.metadata.generation, typeChecking };
      try {
        yield* client.updateStatus(validatingAdmissionPolicies, { ...policy, status });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
  },
};
