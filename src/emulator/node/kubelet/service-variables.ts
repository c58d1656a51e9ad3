import type { Service } from '../../api/generated/types.ts';
import type { Informer } from '../../client/index.ts';
import { addServiceVariables } from './environment.ts';

/** The variables of Services by namespace, shared by all Pods that start between two changes (kubelet_pods.go, getServiceEnvVarMap). */
export class ServiceVariables {
  readonly #services: Informer<Service>;
  readonly #made = new Map<string, ReadonlyMap<string, string>>();

  constructor(services: Informer<Service>) {
    this.#services = services;
    services.onChange(() => this.#made.clear());
  }

  /** Those of the API server's own Service always, those of the namespace if the Pod wants them. */
  of(namespace: string, links: boolean): ReadonlyMap<string, string> {
    const key = links ? namespace : '';
    let made = this.#made.get(key);
    if (made) return made;
    const variables = new Map<string, string>();
    for (const service of this.#services.values()) {
      const isMaster = service.metadata.namespace === 'default' && service.metadata.name === 'kubernetes';
      if (isMaster || (links && service.metadata.namespace === namespace)) addServiceVariables(service, variables);
    }
    made = variables;
    this.#made.set(key, made);
    return made;
  }
}
