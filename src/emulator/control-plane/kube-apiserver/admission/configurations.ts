/** The webhooks and policies that are configured now. Where there are none, a write pays one look at a number. */
import type { Webhook } from '../../../api/admissionregistration/webhook-configuration.ts';
import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '../../../api/generated/types.ts';
import type { ApiObject } from '../../../machinery/objects.ts';
import type { ApiServer } from '../server.ts';
import type { ResourceStore } from '../storage/resource-store.ts';
import type { AdmissionAttributes } from './plugin.ts';

const apiVersion = 'admissionregistration.k8s.io/v1';

export class AdmissionConfigurations {
  readonly #mutating: ResourceStore;
  readonly #validating: ResourceStore;
  readonly #policies: ResourceStore;
  readonly #bindings: ResourceStore;

  constructor(server: ApiServer) {
    this.#mutating = server.store('mutatingwebhookconfigurations', apiVersion);
    this.#validating = server.store('validatingwebhookconfigurations', apiVersion);
    this.#policies = server.store('validatingadmissionpolicies', apiVersion);
    this.#bindings = server.store('validatingadmissionpolicybindings', apiVersion);
  }

  get hasMutatingWebhooks(): boolean {
    return this.#mutating.keyspace.size > 0;
  }

  get hasValidatingWebhooks(): boolean {
    return this.#validating.keyspace.size > 0;
  }

  get hasPolicies(): boolean {
    return this.#bindings.keyspace.size > 0 && this.#policies.keyspace.size > 0;
  }

  /** Webhooks in the order in which they are called: by the name of their configuration, then as it lists them. */
  mutatingWebhooks(): readonly Webhook[] {
    return webhooksOf(this.#mutating);
  }

  validatingWebhooks(): readonly Webhook[] {
    return webhooksOf(this.#validating);
  }

  policies(): readonly ValidatingAdmissionPolicy[] {
    return this.#policies.list('').map(({ value }) => value as ValidatingAdmissionPolicy);
  }

  bindingsOf(policy: string): readonly ValidatingAdmissionPolicyBinding[] {
    const all = this.#bindings.list('').map(({ value }) => value as ValidatingAdmissionPolicyBinding);
    return all.filter(({ spec }) => spec.policyName === policy);
  }
}

const webhooksOf = (store: ResourceStore): readonly Webhook[] =>
  store.list('').flatMap(({ value }) => (value as ApiObject & { readonly webhooks?: readonly Webhook[] }).webhooks ?? []);

/** A cluster can always be saved from its own admission: what configures it is never asked about. */
export function isExempt({ request: { resource } }: AdmissionAttributes): boolean {
  return resource.group === 'admissionregistration.k8s.io';
}
