/**
 * Audit: who asked for what, and what became of it. Upstream: apiserver/pkg/audit, pkg/endpoints/filters/audit.go.
 *
 * - `policy.ts` decides how much of a request is kept, `policy-file.ts` reads that from --audit-policy-file.
 * - `Auditor` opens an `AuditEntry` for each request, before anybody asks whether it may. Each of the entry's stages is one line.
 * - `record.ts` counts every request for /metrics and tells the trace, whether or not there is a policy.
 *
 * - `webhook.ts` posts what is kept to a server; `long-running.ts` tells when an answer that goes on is over.
 *
 * Without a policy a request costs nothing here.
 * Deliberately absent: the stage Panic, batches of the log, the limits of an event's size.
 */
export { Auditor } from './auditor.ts';
export type { AuditEntry, AuditedRequest, AuditOptions } from './auditor.ts';
export { AuditWebhook, webhookOf } from './webhook.ts';
export * from './components.ts';
export { openAuditLog } from './log-file.ts';
export { tellingWhenOver } from './long-running.ts';
export type { AuditPolicy } from './policy.ts';
export { readAuditPolicy } from './policy-file.ts';
export { record } from './record.ts';
