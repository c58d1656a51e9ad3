/** ControllerRevision: pkg/registry/apps/controllerrevision/strategy.go. */
import { age, integer, name, text } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import type { ControllerRevision } from '../generated/types.ts';

function controllerName(revision: ControllerRevision): string {
  const owner = revision.metadata.ownerReferences?.find((reference) => reference.controller);
  if (!owner) return '<none>';
  const group = owner.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : '';
  return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
}

/** The descriptor of ControllerRevision. */
export const controllerRevisions = defineKind<ControllerRevision>({
  group: 'apps',
  kind: 'ControllerRevision',
  resource: 'controllerrevisions',
  columns: [
    name(),
    text('Controller', 'The object whose template this is.', controllerName),
    integer('Revision', 'The number of the revision.', (revision) => revision.revision),
    age(),
  ],
});
