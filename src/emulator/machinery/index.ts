/**
 * The machinery of the API: what apimachinery and structured-merge-diff are upstream, for all kinds alike.
 *
 * - Values: `objects.ts` (metadata), `quantity.ts`, `duration.ts`, `labels.ts` and `fields.ts` (selectors), `names.ts` (rules for names).
 * - When: `cron.ts` (schedules), `time-zone.ts`.
 * - Errors: `field-error.ts` (validation returns these), `status-error.ts` (the API throws these).
 * - Text: `yaml.ts`, `json.ts`, `json-text.ts`, `jsonpath.ts`, `go-quote.ts`, each as the Go library writes or reads it, byte for byte.
 * - By schema: `schema.ts` (fields and types, generated; how they merge, `merge-keys.ts`), `decode.ts`, `patch/`, `managed-fields/`.
 *
 * Invariants: nothing here writes to what it is given; results share what did not change; tables that remember are bounded, and
 * what they remember never shows in a result. Absent: kinds, storage, time, and anything that waits.
 *
 * Import the file of the thing itself; this one has only what every API object is.
 */
export type * from './objects.ts';
