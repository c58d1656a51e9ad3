/** Tables: what `kubectl get` prints, made by the server from the columns of the kind. Upstream: pkg/printers/tablegenerator.go, endpoints/handlers/response.go. */
import type { Kind } from '../../../api/kind.ts';
import type { ApiObject, ListMeta } from '../../../machinery/objects.ts';
import { badRequest } from '../../../machinery/status-error.ts';

export interface Table {
  readonly kind: 'Table';
  readonly apiVersion: string;
  readonly metadata: object;
  readonly columnDefinitions: readonly object[];
  readonly rows: readonly object[];
}

export type IncludeObject = 'None' | 'Metadata' | 'Object';

/** The query parameter `includeObject`. */
export function includeObjectOf(value: string | undefined): IncludeObject {
  if (value === undefined || value === '') return 'Metadata';
  if (value !== 'None' && value !== 'Metadata' && value !== 'Object')
    throw badRequest(`unrecognized includeObject value: ${JSON.stringify(value)}`);
  return value;
}

const definitions = new WeakMap<Kind, readonly object[]>();

function columnDefinitions(kind: Kind): readonly object[] {
  let known = definitions.get(kind);
  if (!known) {
    known = kind.columns.map(({ name, type, format, description, priority }) => ({
      name,
      type,
      format: format ?? '',
      description,
      priority,
    }));
    definitions.set(kind, known);
  }
  return known;
}

/** Only the metadata of an object, in its own kind. */
export function partialMetadata(object: ApiObject, version: string): object {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata: object.metadata };
}

/** One row an object. `withColumns` is false for the later events of a watch. */
export function makeTable(
  kind: Kind,
  objects: readonly ApiObject[],
  options: {
    readonly metadata: Partial<ListMeta>;
    readonly nowMs: number;
    readonly include: IncludeObject;
    /** `v1` or `v1beta1`, which look the same. */
    readonly version: string;
    readonly withColumns?: boolean;
  },
): Table {
  const { metadata, nowMs, include, version, withColumns = true } = options;
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${version}`,
    metadata,
    columnDefinitions: withColumns ? columnDefinitions(kind) : [],
    rows: (kind.tableOrder ? objects.toSorted(kind.tableOrder) : objects).map((object) => {
      const cells = kind.columns.map((column) => column.cell(object, nowMs));
      if (include === 'None') return { cells, object: null };
      return { cells, object: include === 'Object' ? object : partialMetadata(object, version) };
    }),
  };
}
