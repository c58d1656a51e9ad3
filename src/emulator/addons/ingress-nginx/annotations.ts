/** The annotations of an Ingress that this controller obeys, without their prefix (docs/user-guide/nginx-configuration/annotations). */
import type { Ingress } from '../../api/generated/types.ts';
import type { Cidr } from '../../node/network/index.ts';
import { parseCidr } from '../../node/network/index.ts';

const prefix = 'nginx.ingress.kubernetes.io/';

export interface Settings {
  readonly rewriteTarget: string | undefined;
  readonly usesRegex: boolean;
  readonly redirectsToTls: boolean;
  /** Also without a certificate of its own. */
  readonly forcesTls: boolean;
  readonly appRoot: string | undefined;
  readonly permanentRedirect: string | undefined;
  /** The code of a permanent redirect. */
  readonly redirectCode: number;
  readonly temporalRedirect: string | undefined;
  /** Who may come, everybody when empty; and who may not. */
  readonly allowed: readonly Cidr[];
  readonly denied: readonly Cidr[];
  /** The host that the Service is told. */
  readonly upstreamHost: string | undefined;
  readonly forwardedPrefix: string | undefined;
  /** Hosts that are served like the Ingress's own. */
  readonly aliases: readonly string[];
  readonly connectMs: number;
  readonly readMs: number;
  readonly cors: Cors | undefined;
  /** The name of the cookie that keeps a client at its endpoint. */
  readonly affinityCookie: string | undefined;
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
  readonly headerPattern: RegExp | undefined;
  readonly cookie: string | undefined;
}

/** Headers for scripts of other sites. */
export interface Cors {
  readonly origin: string;
  readonly methods: string;
  readonly headers: string;
}

const known: ReadonlySet<string> = new Set([
  'affinity',
  'allowlist-source-range',
  'app-root',
  'backend-protocol',
  'canary',
  'canary-by-cookie',
  'canary-by-header',
  'canary-by-header-pattern',
  'canary-by-header-value',
  'canary-weight',
  'canary-weight-total',
  'cors-allow-headers',
  'cors-allow-methods',
  'cors-allow-origin',
  'denylist-source-range',
  'enable-cors',
  'force-ssl-redirect',
  'permanent-redirect',
  'permanent-redirect-code',
  'proxy-connect-timeout',
  'proxy-read-timeout',
  'rewrite-target',
  'server-alias',
  'session-cookie-name',
  'ssl-redirect',
  'temporal-redirect',
  'upstream-vhost',
  'use-regex',
  'whitelist-source-range',
  'x-forwarded-prefix',
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
    redirectCode: Number(get('permanent-redirect-code') ?? 301),
    temporalRedirect: get('temporal-redirect') || undefined,
    allowed: blocksOf(get('allowlist-source-range') ?? get('whitelist-source-range')),
    denied: blocksOf(get('denylist-source-range')),
    upstreamHost: get('upstream-vhost') || undefined,
    forwardedPrefix: get('x-forwarded-prefix') || undefined,
    aliases: listOf(get('server-alias')).map((host) => host.toLowerCase()),
    connectMs: secondsOf(get('proxy-connect-timeout'), 5),
    readMs: secondsOf(get('proxy-read-timeout'), 60),
    cors: isOn('enable-cors')
      ? {
          origin: get('cors-allow-origin') ?? '*',
          methods: get('cors-allow-methods') ?? 'GET, PUT, POST, DELETE, PATCH, OPTIONS',
          headers: get('cors-allow-headers') ?? defaultCorsHeaders,
        }
      : undefined,
    affinityCookie: get('affinity') === 'cookie' ? (get('session-cookie-name') ?? 'INGRESSCOOKIE') : undefined,
    speaksTls: /^(HTTPS|GRPCS)$/.test(get('backend-protocol') ?? ''),
    canary: isOn('canary')
      ? {
          weight: Number(get('canary-weight') ?? 0),
          total: Number(get('canary-weight-total') ?? 100),
          header: get('canary-by-header')?.toLowerCase(),
          headerValue: get('canary-by-header-value'),
          headerPattern: patternOf(get('canary-by-header-pattern')),
          cookie: get('canary-by-cookie'),
        }
      : undefined,
  };
}

const defaultCorsHeaders = 'DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization';

const listOf = (text: string | undefined): readonly string[] => (text ?? '').split(',').flatMap((one) => one.trim() || []);

function blocksOf(text: string | undefined): readonly Cidr[] {
  return listOf(text).flatMap((one) => parseCidr(one.includes('/') ? one : `${one}/32`) ?? []);
}

function secondsOf(text: string | undefined, fallback: number): number {
  const seconds = Number(text ?? fallback);
  return (Number.isFinite(seconds) && seconds > 0 ? seconds : fallback) * 1000;
}

function patternOf(text: string | undefined): RegExp | undefined {
  try {
    return text === undefined ? undefined : new RegExp(text);
  } catch {
    return undefined; // The controller logs it and goes by the other rules.
  }
}

/** Annotations of the controller that change nothing here. */
export function withoutEffect({ metadata }: Ingress): readonly string[] {
  return Object.keys(metadata.annotations ?? {}).filter((key) => key.startsWith(prefix) && !known.has(key.slice(prefix.length)));
}
