/** Service: pkg/registry/core/service/strategy.go. */
import { defineKind, keepStatus, statusSubresource, withoutStatus } from '../define-kind.ts';
import type { Service } from '../generated/types.ts';
import { serviceColumns } from './service-columns.ts';

/** The descriptor of Service. */
export const services = defineKind<Service>({
  kind: 'Service',
  resource: 'services',
  shortNames: ['svc'],
  categories: ['all'],
  storagePrefix: 'services/specs',
  subresources: {
    proxy: { verbs: ['create', 'delete', 'get', 'patch', 'update'], kind: 'ServiceProxyOptions' },
    status: statusSubresource(),
  },
  prepareForCreate: withoutStatus,
  prepareForUpdate: keepStatus,
  columns: serviceColumns,
  selectableFields: { 'spec.clusterIP': (service) => service.spec?.clusterIP ?? '', 'spec.type': (service) => service.spec?.type ?? '' },
});
