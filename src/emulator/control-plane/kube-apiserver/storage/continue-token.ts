/** The token of a list that was cut: where to go on, and at which revision. Upstream: storage/continue.go. */
import { base64, fromBase64, textOf, utf8 } from '../../../kernel/index.ts';
import { badRequest } from '../../../machinery/status-error.ts';

export interface ContinuePoint {
  readonly revision: number;
  /** The last key that was returned, `namespace/name`; the list goes on behind it. */
  readonly after: string;
}

const toUrl = (text: string): string => text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

/** Writes the token as upstream does: `{"v":"meta.k8s.io/v1","rv":…,"start":"…\u0000"}` in URL-safe base64. */
export function encodeContinue({ revision, after }: ContinuePoint): string {
  return toUrl(base64(utf8(`{"v":"meta.k8s.io/v1","rv":${revision},"start":"${after}\\u0000"}`)));
}

/** Throws 400 for a token that is not ours. */
export function decodeContinue(token: string): ContinuePoint {
  const padded = token
    .replaceAll('-', '+')
    .replaceAll('_', '/')
    .padEnd(Math.ceil(token.length / 4) * 4, '=');
  const bytes = fromBase64(padded);
  if (bytes === undefined) throw badRequest('continue key is not valid: illegal base64 data');
  let value: { v?: unknown; rv?: unknown; start?: unknown };
  try {
    value = JSON.parse(textOf(bytes)) as typeof value;
  } catch {
    throw badRequest('continue key is not valid: invalid character in token');
  }
  if (value.v !== 'meta.k8s.io/v1')
    throw badRequest(`continue key is not valid: server does not recognize this encoded version "${String(value.v)}"`);
  if (typeof value.rv !== 'number' || typeof value.start !== 'string' || value.start === '')
    throw badRequest('continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  return { revision: value.rv, after: value.start.replace(/\0$/, '') };
}
