/** What an admission plugin is: it sees every write that it names, changes it (`admit`) or refuses it (`validate`). */
import type { Webhook } from '../../../api/admissionregistration/webhook-configuration.ts';
import type { Call } from '../../../kernel/index.ts';
import type { ApiObject } from '../../../machinery/objects.ts';
import type { ApiRequest } from '../request.ts';
import type { ApiServer } from '../server.ts';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

/** One write as admission sees it. For a deletion `object` is the stored one. */
export interface AdmissionAttributes {
  readonly operation: Operation;
  readonly request: ApiRequest;
  readonly object: ApiObject;
  readonly previous: ApiObject | undefined;
  /** What mutating webhooks remember between the two rounds of one write. Absent where none is configured. */
  readonly reinvocation?: Reinvocation | undefined;
}

/** Whether mutating admission has to run a second time, since a webhook changed what plugins before it had seen (admission/reinvocation.go). */
export interface Reinvocation {
  isAgain: boolean;
  isWanted: boolean;
  /** Webhooks to ask again. */
  readonly again: Set<Webhook>;
  /** Webhooks with the policy IfNeeded that have been asked, and not since the last change. */
  readonly invoked: Set<Webhook>;
  /** What the webhooks left of the object. */
  last: ApiObject | undefined;
}

export interface AdmissionPlugin {
  /** Upstream's name, as it stands in --enable-admission-plugins. */
  readonly name: string;
  /** `pods`, `pods/eviction`, or '*' for every resource and subresource. */
  readonly resources: readonly string[] | '*';
  readonly operations: readonly Operation[];
  /** Returns the object to go on with: its argument when there is nothing to change. Throws a StatusError to refuse. */
  readonly admit?: (server: ApiServer, attributes: AdmissionAttributes) => ApiObject | Call<ApiObject>;
  /** Throws a StatusError to refuse. */
  readonly validate?: (server: ApiServer, attributes: AdmissionAttributes) => void | Call<void>;
}
