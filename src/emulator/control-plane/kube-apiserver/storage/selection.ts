/** Which objects a list or watch is about: namespace, label selector, field selector, and the index that finds them. */
import type { SelectorOptions } from '../../../client/client.ts';
import { exactField, everyField, matchesFields, parseFieldSelector } from '../../../machinery/fields.ts';
import type { FieldSelector } from '../../../machinery/fields.ts';
import { everything, parseSelector, SelectorError } from '../../../machinery/labels.ts';
import type { LabelSelector } from '../../../machinery/labels.ts';
import type { ApiObject } from '../../../machinery/objects.ts';
import { badRequest } from '../../../machinery/status-error.ts';
import type { WatchRoute } from '../../etcd/index.ts';
import type { Resource } from '../registry.ts';

export interface Selection {
  /** '' for all. */
  readonly namespace: string;
  /** Set when at most one object can match. */
  readonly name: string | undefined;
  /** Whether the object is selected; `undefined` when all of the namespace are. */
  readonly matches: ((object: ApiObject) => boolean) | undefined;
  /** An index of the store that narrows the search. */
  readonly route: WatchRoute | undefined;
  /** Others who ask for the same get this very selection. */
  readonly isShared: boolean;
}

/** Selections by labels alone, by resource: every node asks for the same few. */
const byLabels = new WeakMap<Resource, Map<string, Selection>>();
const maxRemembered = 64;

/** Compiles the selectors of a request. Throws 400 with upstream's words for one that cannot be read or is not offered. */
export function compileSelection(resource: Resource, namespace: string, options: SelectorOptions | undefined): Selection {
  if (options?.fieldSelector) return compile(resource, namespace, options);
  const key = `${namespace} ${options?.labelSelector ?? ''}`;
  let known = byLabels.get(resource);
  if (!known) byLabels.set(resource, (known = new Map()));
  let selection = known.get(key);
  if (!selection) {
    selection = compile(resource, namespace, options);
    if (known.size >= maxRemembered) known.clear();
    known.set(key, selection);
  }
  return selection;
}

function compile(resource: Resource, namespace: string, options: SelectorOptions | undefined): Selection {
  const labels = options?.labelSelector ? readSelector(options.labelSelector) : everything;
  const fields = options?.fieldSelector ? readFields(resource, options.fieldSelector) : everyField;
  const name = exactField(fields, 'metadata.name');
  return {
    namespace,
    name,
    matches: matcher(resource, labels, fields),
    route: routeOf(resource, fields, name),
    isShared: fields.terms.length === 0,
  };
}

function matcher(resource: Resource, labels: LabelSelector, fields: FieldSelector): Selection['matches'] {
  const byLabels = (object: ApiObject): boolean => labels.matches(object.metadata.labels);
  if (fields.terms.length === 0) return labels.isEverything ? undefined : byLabels;
  const byFields = (object: ApiObject): boolean => matchesFields(fields, (field) => fieldValue(resource, object, field));
  return labels.isEverything ? byFields : (object) => byLabels(object) && byFields(object);
}

function fieldValue(resource: Resource, object: ApiObject, field: string): string {
  if (field === 'metadata.name') return object.metadata.name;
  if (field === 'metadata.namespace') return object.metadata.namespace ?? '';
  return resource.descriptor.selectableFields[field]!(object);
}

function routeOf(resource: Resource, fields: FieldSelector, name: string | undefined): WatchRoute | undefined {
  const { store } = resource;
  if (!store) return undefined;
  if (name !== undefined && store.keyspace.hasIndex('metadata.name')) return { index: 'metadata.name', value: name };
  for (const { field } of fields.terms) {
    const value = store.keyspace.hasIndex(field) ? exactField(fields, field) : undefined;
    if (value) return { index: field, value };
  }
  return undefined;
}

function readSelector(text: string): LabelSelector {
  try {
    return parseSelector(text);
  } catch (error) {
    if (error instanceof SelectorError)
      throw badRequest(`unable to parse requirement: ${error.message}`.replace(/^unable to parse requirement: (?=unable to parse)/, ''));
    throw error;
  }
}

function readFields({ descriptor }: Resource, text: string): FieldSelector {
  let selector: FieldSelector;
  try {
    selector = parseFieldSelector(text);
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message);
    throw error;
  }
  for (const { field } of selector.terms) {
    if (field === 'metadata.name' || (field === 'metadata.namespace' && descriptor.isNamespaced) || field in descriptor.selectableFields)
      continue;
    const hasOwn = Object.keys(descriptor.selectableFields).length > 0;
    throw badRequest(
      hasOwn
        ? `field label not supported: ${field}`
        : `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`,
    );
  }
  return selector;
}
