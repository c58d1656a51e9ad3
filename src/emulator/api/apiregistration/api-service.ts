/** APIService: who serves a version of an API group. Upstream: kube-aggregator/pkg/registry/apiservice, pkg/apis/apiregistration/validation. */
import { fieldPath, invalid, notSupported, required } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { quote } from '../../machinery/go-quote.ts';
import { dns1035Label, dns1123Subdomain, pathSegmentName, portNumber } from '../../machinery/names.ts';
import { age, name, text } from '../columns.ts';
import { defineKind, keepStatus, statusSubresource, withoutStatus } from '../define-kind.ts';
import type { APIService } from '../generated/types.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { complain } from '../metadata/rules.ts';

const spec = fieldPath('spec');
const statuses = ['True', 'False', 'Unknown'];

/** The service port that is meant when none is named. */
const defaultPort = 443;

function validateSpec({ spec: own }: APIService, errors: FieldError[]): void {
  const { group = '', version = '', groupPriorityMinimum, versionPriority, service, caBundle, insecureSkipTLSVerify } = own;
  if (group === '' && version !== 'v1')
    errors.push(required(spec.child('group'), 'only v1 may have an empty group and it better be legacy kube'));
  if (group !== '') complain(group, dns1123Subdomain(group), spec.child('group'), errors);
  complain(version, dns1035Label(version), spec.child('version'), errors);
  if (!(groupPriorityMinimum > 0 && groupPriorityMinimum <= 20_000))
    errors.push(invalid(spec.child('groupPriorityMinimum'), groupPriorityMinimum ?? 0, 'must be positive and less than 20000'));
  if (!(versionPriority > 0 && versionPriority <= 1000))
    errors.push(invalid(spec.child('versionPriority'), versionPriority ?? 0, 'must be positive and less than 1000'));
  if (!service) {
    if (caBundle) errors.push(invalid(spec.child('caBundle'), `${bytesIn(caBundle)} bytes`, 'local APIServices may not have a caBundle'));
    if (insecureSkipTLSVerify)
      errors.push(invalid(spec.child('insecureSkipTLSVerify'), true, 'local APIServices may not have insecureSkipTLSVerify'));
    return;
  }
  if (!service.namespace) errors.push(required(spec.child('service', 'namespace')));
  if (!service.name) errors.push(required(spec.child('service', 'name')));
  const { port = defaultPort } = service;
  const complaints = portNumber(port);
  if (complaints.length > 0) errors.push(invalid(spec.child('service', 'port'), port, `port is not valid: ${complaints.join(', ')}`));
  if (insecureSkipTLSVerify && caBundle)
    errors.push(invalid(spec.child('insecureSkipTLSVerify'), true, 'may not be true if caBundle is present'));
}

const bytesIn = (base64: string): number => Math.floor((base64.replace(/=+$/, '').length * 3) / 4);

function validateStatus({ status }: APIService): FieldError[] {
  const errors: FieldError[] = [];
  (status?.conditions ?? []).forEach((condition, i) => {
    if (!statuses.includes(condition.status))
      errors.push(notSupported(fieldPath('status', 'conditions').index(i).child('status'), condition.status, statuses));
  });
  return errors;
}

/** The descriptor of APIService. */
export const apiServices = defineKind<APIService>({
  group: 'apiregistration.k8s.io',
  kind: 'APIService',
  resource: 'apiservices',
  categories: ['api-extensions'],
  isNamespaced: false,
  storagePrefix: 'apiregistration.k8s.io/apiservices',
  subresources: { status: statusSubresource({ validateUpdate: validateStatus }) },
  setDefaults(object) {
    const service = object.spec?.service;
    if (!service || service.port !== undefined) return object;
    return { ...object, spec: { ...object.spec, service: { ...service, port: defaultPort } } };
  },
  prepareForCreate: withoutStatus,
  prepareForUpdate: keepStatus,
  validate(object) {
    const errors: FieldError[] = [];
    const wanted = `${object.spec?.version ?? ''}.${object.spec?.group ?? ''}`;
    const nameRule = (given: string): readonly string[] => {
      const problems = pathSegmentName(given);
      if (problems.length > 0 || given === wanted) return problems;
      return [`must be \`spec.version+"."+spec.group\`: ${quote(wanted)}`];
    };
    validateObjectMeta(object.metadata, { isNamespaced: false, nameRule }, errors);
    if (object.spec) validateSpec(object, errors);
    else errors.push(required(spec));
    return errors;
  },
  validateUpdate(next, previous) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(next, previous, errors);
    if (next.spec !== previous.spec) validateSpec(next, errors);
    return errors;
  },
  columns: [
    name(),
    text('Service', 'The Service that answers, or Local.', ({ spec: { service } }) =>
      service ? `${service.namespace}/${service.name}` : 'Local',
    ),
    text('Available', 'Whether it answers.', ({ status }) => {
      const condition = status?.conditions?.find(({ type }) => type === 'Available');
      if (!condition) return 'Unknown';
      return condition.status === 'True' ? 'True' : `${condition.status} (${condition.reason})`;
    }),
    age(),
  ],
});
