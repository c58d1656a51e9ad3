/** The annotations of an Ingress that this controller obeys, without their prefix (docs/user-guide/nginx-configuration/annotations). */
import type { Ingress } from '../../api/generated/types.ts';

const prefix = 'nginx.ingress.kubernetes.io/';

export interface Settings {
  readonly rewriteTarget: string | undefined;
  readonly usesRegex: boolean;
  readonly redirectsToTls: boolean;
  /** Also without a certificate of its own. */
  readonly forcesTls: boolean;
  readonly appRoot: string | undefined;
  readonly permanentRedirect: string | undefined;
  readonly speaksTls: boolean;
  readonly canary: Canary | undefined;
}

/** An Ingress that takes a part of another one's requests. */
export interface Canary {
  /** Of `total`. */
  readonly weight: number;
  readonly total: number;
  readonly header: string | undefined;
  readonly headerValue: string | undefined;
}

const known: ReadonlySet<string> = new Set([
  'app-root',
  'backend-protocol',
  'canary',
  'canary-by-header',
  'canary-by-header-value',
  'canary-weight',
  'canary-weight-total',
  'force-ssl-redirect',
  'permanent-redirect',
  'rewrite-target',
  'ssl-redirect',
  'use-regex',
]);

export function settingsOf({ metadata }: Ingress): Settings {
  const get = (name: string): string | undefined => metadata.annotations?.[prefix + name];
  const isOn = (name: string, fallback = false): boolean => (get(name) === undefined ? fallback : get(name) === 'true');
  const rewriteTarget = get('rewrite-target') || undefined;
  return {
    rewriteTarget,
    usesRegex: isOn('use-regex') || rewriteTarget !== undefined,
    redirectsToTls: isOn('ssl-redirect', true),
    forcesTls: isOn('force-ssl-redirect'),
    appRoot: get('app-root') || undefined,
    permanentRedirect: get('permanent-redirect') || undefined,
    speaksTls: /^(HTTPS|GRPCS)$/.test(get('backend-protocol') ?? ''),
    canary: isOn('canary')
      ? {
          weight: Number(get('canary-weight') ?? 0),
          total: Number(get('canary-weight-total') ?? 100),
          header: get('canary-by-header')?.toLowerCase(),
          headerValue: get('canary-by-header-value'),
        }
      : undefined,
  };
}

/** Annotations of the controller that change nothing here. */
export function withoutEffect({ metadata }: Ingress): readonly string[] {
  return Object.keys(metadata.annotations ?? {}).filter((key) => key.startsWith(prefix) && !known.has(key.slice(prefix.length)));
}
