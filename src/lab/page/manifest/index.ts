/**
 * Help for who writes manifests in the page's editor: what the API server would say about a text, and what may stand at a place.
 *
 * - Words are the API server's and kubectl's own: the text goes through their reader of YAML, the strict decoder, the kind's
 *   defaults and its validation.
 * - Nothing is sent to the cluster: looking at a manifest leaves no trace in a lab.
 * - Absent: admission, and what depends on other objects.
 */
export { complete, type Completion } from './complete.ts';
export { type Diagnostic, diagnose } from './diagnose.ts';
