/** What the webhook answers to an AdmissionReview. */
import { base64, utf8 } from '../../kernel/index.ts';
import type { Rules } from './rules.ts';

interface Reviewed {
  readonly metadata?: {
    readonly name?: string;
    readonly labels?: Readonly<Record<string, string>> | undefined;
    readonly annotations?: Readonly<Record<string, string>> | undefined;
  };
  readonly spec?: { readonly containers?: readonly { readonly image?: string }[] };
}

export interface ReviewRequest {
  readonly uid: string;
  readonly operation: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly resource: { readonly resource: string };
  readonly userInfo: { readonly username: string };
  readonly object: Reviewed | null;
}

export interface ReviewResponse {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: { readonly code: number; readonly message: string };
  readonly warnings?: readonly string[];
  readonly patchType?: 'JSONPatch';
  readonly patch?: string;
}

/** Why the object is refused; undefined when it is not. */
export function objection({ object }: ReviewRequest, rules: Rules): string | undefined {
  const labels = object?.metadata?.labels ?? {};
  for (const rule of rules.denyLabels) {
    const [key = '', value] = rule.split('=');
    if (labels[key] !== undefined && (value === undefined || labels[key] === value)) return `label "${rule}" is not allowed`;
  }
  for (const rule of object ? rules.requireLabels : []) {
    const [key = '', value] = rule.split('=');
    if (labels[key] === undefined || (value !== undefined && labels[key] !== value)) return `label "${rule}" is required`;
  }
  for (const { image = '' } of object?.spec?.containers ?? [])
    if (rules.denyImages.some((prefix) => image.startsWith(prefix))) return `image "${image}" is not allowed`;
  return undefined;
}

/** The operations that add what is missing. A map that is not there is made first. */
function patchFor(object: Reviewed, rules: Rules): readonly object[] {
  const operations: object[] = [];
  for (const [field, pairs] of [
    ['labels', rules.addLabels],
    ['annotations', rules.addAnnotations],
  ] as const) {
    const has = object.metadata?.[field];
    const missing = pairs.map((pair) => pair.split('=') as [string, string]).filter(([key, value]) => has?.[key] !== value);
    if (missing.length > 0 && has === undefined) operations.push({ op: 'add', path: `/metadata/${field}`, value: {} });
    for (const [key, value = ''] of missing)
      operations.push({ op: 'add', path: `/metadata/${field}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, value });
  }
  return operations;
}

/** `mayPatch`: the API server takes patches of mutating webhooks only. */
export function respond(request: ReviewRequest, rules: Rules, mayPatch: boolean): ReviewResponse {
  const { uid, object } = request;
  const warnings = rules.warnings.length > 0 ? { warnings: rules.warnings } : {};
  const reason = objection(request, rules);
  if (reason !== undefined) return { uid, allowed: false, status: { code: 403, message: rules.message ?? reason }, ...warnings };
  const patch = mayPatch && object ? patchFor(object, rules) : [];
  if (patch.length === 0) return { uid, allowed: true, ...warnings };
  return { uid, allowed: true, ...warnings, patchType: 'JSONPatch', patch: base64(utf8(JSON.stringify(patch))) };
}
