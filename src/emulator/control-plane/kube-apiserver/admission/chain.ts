import type { Call } from '../../../kernel/index.ts';
import type { ApiObject } from '../../../machinery/objects.ts';
import type { Resource } from '../registry.ts';
import type { ApiServer } from '../server.ts';
import type { AdmissionAttributes, AdmissionPlugin, Operation, Reinvocation } from './plugin.ts';

interface Chosen {
  readonly mutating: readonly AdmissionPlugin[];
  readonly validating: readonly AdmissionPlugin[];
}

/** The enabled plugins in order. Which of them a write concerns is worked out once for each resource and operation. */
export class AdmissionChain {
  readonly plugins: readonly AdmissionPlugin[];
  readonly #chosen = new Map<Resource, Map<string, Chosen>>();

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.plugins = plugins;
  }

  /** Mutating admission. When a webhook has changed the object all plugins see it once more, and the webhooks that want to. */
  *admit(server: ApiServer, attributes: AdmissionAttributes): Call<ApiObject> {
    if (!server.configurations.hasMutatingWebhooks) return yield* this.#admitOnce(server, attributes);
    const reinvocation: Reinvocation = { isAgain: false, isWanted: false, again: new Set(), invoked: new Set(), last: undefined };
    const object = yield* this.#admitOnce(server, { ...attributes, reinvocation });
    if (!reinvocation.isWanted) return object;
    reinvocation.isAgain = true;
    return yield* this.#admitOnce(server, { ...attributes, object, reinvocation });
  }

  /** Each plugin gets what the one before returned. */
  *#admitOnce(server: ApiServer, attributes: AdmissionAttributes): Call<ApiObject> {
    let { object } = attributes;
    for (const plugin of this.#for(attributes).mutating) {
      const answer = plugin.admit!(server, object === attributes.object ? attributes : { ...attributes, object });
      object = isCall(answer) ? yield* answer : answer;
    }
    return object;
  }

  *validate(server: ApiServer, attributes: AdmissionAttributes): Call<void> {
    for (const plugin of this.#for(attributes).validating) {
      const answer = plugin.validate!(server, attributes);
      if (answer) yield* answer;
    }
  }

  #for({ operation, request }: AdmissionAttributes): Chosen {
    let ofResource = this.#chosen.get(request.resource);
    if (!ofResource) this.#chosen.set(request.resource, (ofResource = new Map()));
    const key = request.subresource === '' ? operation : `${operation} ${request.subresource}`;
    let chosen = ofResource.get(key);
    if (!chosen) {
      const path = request.subresource === '' ? request.resource.resource : `${request.resource.resource}/${request.subresource}`;
      const concerned = this.plugins.filter((plugin) => concerns(plugin, operation, request.resource.descriptor.isCustom ? '' : path));
      chosen = { mutating: concerned.filter((plugin) => plugin.admit), validating: concerned.filter((plugin) => plugin.validate) };
      ofResource.set(key, chosen);
    }
    return chosen;
  }
}

function concerns(plugin: AdmissionPlugin, operation: Operation, path: string): boolean {
  return plugin.operations.includes(operation) && (plugin.resources === '*' || plugin.resources.includes(path));
}

function isCall(answer: ApiObject | Call<ApiObject>): answer is Call<ApiObject> {
  return 'next' in answer;
}
