/** What `kubectl get` shows of a custom resource, and the fields by which it can be selected. Upstream: registry/customresource/tableconvertor. */
import { name, since } from '../../../api/columns.ts';
import type { CustomResourceColumnDefinition, CustomResourceDefinitionVersion } from '../../../api/generated/types.ts';
import type { Column, Kind } from '../../../api/kind.ts';
import { parseTime } from '../../../kernel/time.ts';
import { JsonPathError, parseJsonPath } from '../../../machinery/jsonpath.ts';
import { goJson } from '../../../machinery/json.ts';
import type { ApiObject } from '../../../machinery/objects.ts';

type Cell = string | number | boolean | null;

/** What is shown when a definition names no columns (GetColumnsForVersion). */
const ageColumn: CustomResourceColumnDefinition = {
  name: 'Age',
  type: 'date',
  description: 'How long ago the object was created.',
  jsonPath: '.metadata.creationTimestamp',
};

/** The first value at a path; undefined when there is none, or the path cannot be read. */
function reader(path: string): (object: ApiObject) => unknown {
  try {
    const parsed = parseJsonPath(`{${path}}`, { allowMissingKeys: true });
    return (object) => {
      try {
        return parsed.findResults(object)[0]?.[0];
      } catch (error) {
        if (error instanceof JsonPathError) return undefined;
        throw error;
      }
    };
  } catch (error) {
    if (error instanceof JsonPathError) return () => undefined;
    throw error;
  }
}

function cellOf(type: string, value: unknown, nowMs: number): Cell {
  if (value === undefined || value === null) return null;
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      if (typeof value !== 'string') return null;
      return parseTime(value) === undefined ? '<invalid>' : since(value, nowMs);
    default:
      return typeof value === 'object' ? goJson(value) : String(value);
  }
}

export function customColumns({ additionalPrinterColumns }: CustomResourceDefinitionVersion): Column<ApiObject>[] {
  const columns = additionalPrinterColumns?.length ? additionalPrinterColumns : [ageColumn];
  return [
    name(),
    ...columns.map((column): Column<ApiObject> => {
      const read = reader(column.jsonPath);
      return {
        name: column.name,
        type: column.type as Column<ApiObject>['type'],
        format: column.format,
        description: column.description || `Custom resource definition column (in JSONPath format): ${column.jsonPath}`,
        priority: column.priority ?? 0,
        cell: (object, nowMs) => cellOf(column.type, read(object), nowMs),
      };
    }),
  ];
}

export function selectableFields({ selectableFields: fields = [] }: CustomResourceDefinitionVersion): Kind['selectableFields'] {
  return Object.fromEntries(
    fields.map(({ jsonPath }) => {
      const read = reader(jsonPath);
      return [jsonPath.replace(/^\./, ''), (object: ApiObject) => String(read(object) ?? '')];
    }),
  );
}
