/** PodTemplate: pkg/registry/core/podtemplate/strategy.go. It is stored and nothing acts on it, here as upstream. */
import type { FieldError } from '../../machinery/field-error.ts';
import { formatLabels, name, text } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import { change } from '../fill.ts';
import type { Container, PodTemplate } from '../generated/types.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { defaultTemplate } from './pod-spec/defaults.ts';
import { validateTemplate } from './pod-spec/validation.ts';
import { podWarnings } from './pod-spec/warnings.ts';

const containers = ({ template }: PodTemplate): readonly Container[] => template?.spec?.containers ?? [];

/** The descriptor of PodTemplate. */
export const podTemplates = defineKind<PodTemplate>({
  kind: 'PodTemplate',
  resource: 'podtemplates',
  hasGeneration: true,
  setDefaults: (podTemplate) => change(podTemplate, 'template', defaultTemplate),
  validate(podTemplate) {
    const errors: FieldError[] = [];
    validateObjectMeta(podTemplate.metadata, { isNamespaced: true }, errors);
    validateTemplate(podTemplate.template, errors, 'podTemplate');
    return errors;
  },
  validateUpdate(next, previous) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(next, previous, errors);
    if (next.template !== previous.template) validateTemplate(next.template, errors, 'podTemplate');
    return errors;
  },
  warnings: (object, previous) => podWarnings(object.template, previous?.template, 'podTemplate'),
  columns: [
    name(),
    text('Containers', 'Names of the containers.', (object) =>
      containers(object)
        .map((container) => container.name)
        .join(','),
    ),
    text('Images', 'Images of the containers.', (object) =>
      containers(object)
        .map((container) => container.image ?? '')
        .join(','),
    ),
    text('Pod Labels', 'Labels of Pods of this template.', ({ template }) => formatLabels(template?.metadata?.labels)),
  ],
});
