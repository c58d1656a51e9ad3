/**
 * Cells that many kinds print, as pkg/printers/internalversion/printers.go prints them. The server always sends the wide
 * table; a client drops the columns with a priority above 0.
 *
 * Differs from Kubernetes: the descriptions of columns are our own; kubectl never shows them.
 */
import { humanDuration } from '../machinery/duration.ts';
import { formatLabelSelector } from '../machinery/labels.ts';
import type { ApiObject } from '../machinery/objects.ts';
import { parseTime } from '../kernel/time.ts';
import type { Container, LabelSelector } from './generated/types.ts';
import type { Column } from './kind.ts';

type Cell<T> = Column<T>['cell'];

export function text<T>(name: string, description: string, cell: Cell<T>, priority = 0): Column<T> {
  return { name, type: 'string', description, priority, cell };
}

export function integer<T>(name: string, description: string, cell: Cell<T>): Column<T> {
  return { name, type: 'integer', description, priority: 0, cell };
}

export function name<T extends ApiObject>(priority = 0): Column<T> {
  return {
    name: 'Name',
    type: 'string',
    format: 'name',
    description: 'The name, unique in its namespace.',
    priority,
    cell: (object) => object.metadata.name,
  };
}

export function age<T extends ApiObject>(): Column<T> {
  return text('Age', 'How long ago the object was created.', (object, nowMs) => since(object.metadata.creationTimestamp, nowMs));
}

/** For kinds that upstream gives no age. */
export function createdAt<T extends ApiObject>(): Column<T> {
  return {
    name: 'Created At',
    type: 'date',
    description: 'When the object was created.',
    priority: 0,
    cell: (object) => object.metadata.creationTimestamp,
  };
}

/** How long ago a time was, in kubectl's short form; `<unknown>` when there is no time. */
export function since(time: string | undefined, nowMs: number): string {
  const ms = time ? parseTime(time) : undefined;
  return ms === undefined ? '<unknown>' : humanDuration(nowMs - ms);
}

/** `a=b,c=d` in the order of keys, `<none>` when there are no labels. */
export function formatLabels(labels: Readonly<Record<string, string>> | undefined): string {
  const keys = Object.keys(labels ?? {}).sort();
  return keys.length === 0 ? '<none>' : keys.map((key) => `${key}=${labels![key]}`).join(',');
}

interface Templated extends ApiObject {
  readonly spec: {
    readonly selector?: LabelSelector | undefined;
    readonly template?: { readonly spec?: { readonly containers: readonly Container[] } | undefined } | undefined;
  };
}

/** The wide columns of every workload: containers, images and selector. */
export function workloadColumns<T extends Templated>(): Column<T>[] {
  const containers = (object: T): readonly Container[] => object.spec.template?.spec?.containers ?? [];
  return [
    text(
      'Containers',
      'Names of the containers of the template.',
      (object) =>
        containers(object)
          .map((container) => container.name)
          .join(','),
      1,
    ),
    text(
      'Images',
      'Images of the containers of the template.',
      (object) =>
        containers(object)
          .map((container) => container.image ?? '')
          .join(','),
      1,
    ),
    text('Selector', 'Labels of the Pods that belong here.', (object) => formatLabelSelector(object.spec.selector), 1),
  ];
}
