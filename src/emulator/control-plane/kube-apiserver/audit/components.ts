/** Requests of the cluster's own components in the audit log. They hand over objects and not HTTP; what HTTP would say of them is put together here. */
import type { Watch } from '../../../client/client.ts';
import type { Call } from '../../../kernel/index.ts';
import { StatusError } from '../../../machinery/status-error.ts';
import type { Answer } from '../pipeline.ts';
import { pathOf, successCode } from '../request.ts';
import type { ApiRequest } from '../request.ts';
import type { Auditor, AuditEntry } from './auditor.ts';

/** Whose session it is. */
export interface Caller {
  /** Absent when it is no part of the cluster, and its requests are not audited. */
  readonly sourceIP?: string | undefined;
  readonly agent: string;
}

/** Opens the entry of a component's request; undefined when the policy keeps nothing of it. */
export function beginComponentEntry(auditor: Auditor, request: ApiRequest, { sourceIP, agent }: Caller): AuditEntry | undefined {
  if (sourceIP === undefined) return undefined;
  const { resource, user, verb, subresource, namespace, name } = request;
  const path = pathOf(request);
  return auditor.begin({
    user,
    verb,
    group: resource.group,
    version: resource.version,
    resource: resource.resource,
    subresource,
    namespace,
    name,
    path,
    uri: `${path}${queryOf(request)}`,
    sourceIP,
    // Differs from Kubernetes: the agent of a component's request has no part for the controller that sent it.
    userAgent: `${agent}/v1.34.1 (linux/amd64) kubernetes/93248f9`,
  });
}

/** Serves a component's request, with its stages in the log. */
export function* auditedAnswer(entry: AuditEntry, request: ApiRequest, answer: Call<Answer>): Call<Answer> {
  try {
    const given = yield* answer;
    entry.answered(successCode(request), 'isGone' in given ? given.object : given);
    return given;
  } catch (error) {
    failed(entry, error);
    throw error;
  } finally {
    entry.reach('ResponseComplete');
  }
}

/** As `auditedAnswer`, for a watch, which is answered twice: when it begins and when it ends. */
export function* auditedWatch(entry: AuditEntry, watch: Call<Watch>): Call<Watch> {
  try {
    const begun = yield* watch;
    entry.answered(200, undefined);
    entry.reach('ResponseStarted');
    return {
      stop() {
        begun.stop();
        entry.reach('ResponseComplete');
      },
    };
  } catch (error) {
    failed(entry, error);
    entry.reach('ResponseComplete');
    throw error;
  }
}

function failed(entry: AuditEntry, error: unknown): void {
  if (error instanceof StatusError) entry.answered(error.status.code ?? 500, error.status);
}

function queryOf({ verb, list }: ApiRequest): string {
  const terms = [
    ['fieldSelector', list?.fieldSelector],
    ['labelSelector', list?.labelSelector],
    ['limit', list?.limit],
    ['watch', verb === 'watch' ? 'true' : undefined],
  ].filter(([, value]) => value !== undefined && value !== '');
  return terms.length === 0 ? '' : `?${terms.map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`).join('&')}`;
}
