/** Actions: subresources and kinds that are asked to do something and store nothing under their own name. One line each. */
import type { Call } from '../../../kernel/index.ts';
import type { ApiObject, List } from '../../../machinery/objects.ts';
import type { ApiRequest } from '../request.ts';
import type { ApiServer } from '../server.ts';
import { reviewAccess, reviewRules, reviewSelf, reviewSelfAccess, reviewToken } from './access-reviews.ts';
import { bind } from './binding.ts';
import { componentStatus } from './component-status.ts';
import { evict } from './eviction.ts';
import { requestToken } from './token.ts';

export type Action = (server: ApiServer, request: ApiRequest) => Call<ApiObject | List<ApiObject>>;

/** By resource, and subresource if there is one. */
export const actions: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['bindings', bind],
  ['componentstatuses', componentStatus],
  ['localsubjectaccessreviews', reviewAccess],
  ['pods/binding', bind],
  ['pods/eviction', evict],
  ['selfsubjectaccessreviews', reviewSelfAccess],
  ['selfsubjectreviews', reviewSelf],
  ['selfsubjectrulesreviews', reviewRules],
  ['serviceaccounts/token', requestToken],
  ['subjectaccessreviews', reviewAccess],
  ['tokenreviews', reviewToken],
]);
