/** VolumeAttachment: pkg/registry/storage/volumeattachment/strategy.go. */
import { fieldPath, forbidden, required, tooLong } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { dns1123Subdomain } from '../../machinery/names.ts';
import { age, name, text } from '../columns.ts';
import { defineKind, keepStatus, statusSubresource } from '../define-kind.ts';
import { fill } from '../fill.ts';
import type { VolumeAttachment } from '../generated/types.ts';
import { metaUpdateErrors, validateImmutable, validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { complain } from '../metadata/rules.ts';
import { validateDriverName, warnWithoutDriver } from './rules.ts';

const spec = fieldPath('spec');
const maxMessageLength = 1024;

function validate({ metadata, spec: own, status }: VolumeAttachment): readonly FieldError[] {
  const errors: FieldError[] = [];
  validateObjectMeta(metadata, { isNamespaced: false }, errors);
  const attacher = own.attacher ?? '';
  if (attacher === '') errors.push(required(spec.child('attacher')));
  const { inlineVolumeSpec, persistentVolumeName } = own.source ?? {};
  const source = spec.child('source');
  const words = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
  if (!inlineVolumeSpec && persistentVolumeName === undefined) errors.push(required(source, words));
  else if (inlineVolumeSpec && persistentVolumeName !== undefined) errors.push(forbidden(source, words));
  else if (persistentVolumeName === '')
    errors.push(required(source.child('persistentVolumeName'), 'must specify non empty persistentVolumeName'));
  complain(own.nodeName ?? '', dns1123Subdomain(own.nodeName ?? ''), spec.child('nodeName'), errors);
  for (const field of ['attachError', 'detachError'] as const)
    if ((status?.[field]?.message?.length ?? 0) > maxMessageLength)
      errors.push(tooLong(fieldPath('status', field, 'message'), maxMessageLength));
  // ValidateVolumeAttachmentV1: what the first stable version asks for beside.
  validateDriverName(attacher, spec.child('attacher'), errors);
  if (persistentVolumeName !== undefined)
    complain(persistentVolumeName, dns1123Subdomain(persistentVolumeName), source.child('persistentVolumeName'), errors);
  return errors;
}

/**
 * The descriptor of VolumeAttachment. Nothing here attaches: volumes of this cluster need no attaching, and drivers that do
 * bring an attacher of their own.
 */
export const volumeAttachments = defineKind<VolumeAttachment>({
  group: 'storage.k8s.io',
  kind: 'VolumeAttachment',
  resource: 'volumeattachments',
  isNamespaced: false,
  subresources: { status: statusSubresource<VolumeAttachment>({ validateUpdate: metaUpdateErrors }) },
  setDefaults: (attachment) => fill(attachment, { spec: { attacher: '', nodeName: '', source: {} }, status: { attached: false } }),
  prepareForCreate: (attachment) => ({ ...attachment, status: { attached: false } }),
  prepareForUpdate: keepStatus,
  validate,
  validateUpdate(next, previous) {
    const errors: FieldError[] = [...validate(next)];
    validateObjectMetaUpdate(next, previous, errors);
    validateImmutable(next.spec, previous.spec, spec, errors);
    return errors;
  },
  warnings: warnWithoutDriver('VolumeAttachment'),
  columns: [
    name(),
    { ...text<VolumeAttachment>('Attacher', 'The driver that attaches.', (attachment) => attachment.spec.attacher), format: 'name' },
    text('PV', 'The volume.', (attachment) => attachment.spec.source.persistentVolumeName ?? ''),
    text('Node', 'Where to.', (attachment) => attachment.spec.nodeName),
    {
      name: 'Attached',
      type: 'boolean',
      description: 'Whether it is done.',
      priority: 0,
      cell: ({ status }) => status?.attached ?? false,
    },
    age(),
  ],
});
