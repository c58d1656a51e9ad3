/**
 * What the webhook answers to a ConversionReview: the rule `split=hostPort:host,port` makes of `spec.hostPort: a:1` the fields `host` and
 * `port`, and back, as the example of Kubernetes' documentation does.
 */
import type { Rules } from './rules.ts';

type Fields = Readonly<Record<string, unknown>>;

export interface ConversionRequest {
  readonly uid: string;
  readonly desiredAPIVersion: string;
  readonly objects: readonly (Fields & { readonly apiVersion: string; readonly spec?: Fields })[];
}

export interface ConversionResponse {
  readonly uid: string;
  readonly result: { readonly status: 'Success' } | { readonly status: 'Failure'; readonly message: string };
  readonly convertedObjects: readonly Fields[];
}

/** Fails for a value without as many parts as the rule names. */
export function convertAll({ uid, desiredAPIVersion, objects }: ConversionRequest, { splits }: Rules): ConversionResponse {
  try {
    const convertedObjects = objects.map((object) => ({
      ...object,
      apiVersion: desiredAPIVersion,
      ...(object.spec && { spec: splits.reduce(convertSpec, object.spec) }),
    }));
    return { uid, result: { status: 'Success' }, convertedObjects };
  } catch (error) {
    return { uid, result: { status: 'Failure', message: (error as Error).message }, convertedObjects: [] };
  }
}

function convertSpec(spec: Fields, rule: string): Fields {
  const [whole = '', list = ''] = rule.split(':');
  const names = list.split(',');
  const { [whole]: joined, ...rest } = spec;
  if (joined !== undefined) {
    const parts = String(joined).split(':');
    if (parts.length !== names.length) throw new Error(`invalid ${whole} value "${joined}"`);
    return { ...rest, ...Object.fromEntries(names.map((name, i) => [name, parts[i]])) };
  }
  if (names.every((name) => rest[name] === undefined)) return spec;
  return {
    ...Object.fromEntries(Object.entries(rest).filter(([name]) => !names.includes(name))),
    [whole]: names.map((name) => rest[name] ?? '').join(':'),
  };
}
