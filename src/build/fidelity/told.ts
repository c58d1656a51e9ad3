/** Fields of which no test can show an effect, each with the reason: nothing in Kubernetes acts on them, or hiding them proves nothing. */
import type { FieldName } from './fields.ts';

interface Reason {
  readonly fields: readonly FieldName[];
  readonly because: string;
}

const reasons: readonly Reason[] = [
  {
    fields: ['Event.action', 'Event.related'],
    because: 'for those who read Events; neither a selector nor a column of kubectl shows it',
  },
  {
    fields: ['NodeSpec.providerID', 'NodeSpec.externalID'],
    because: 'the name of the machine at its provider, for controllers outside of Kubernetes; it may not change once it is set',
  },
  { fields: ['Taint.timeAdded'], because: 'when the node controller added the taint; nothing reckons with it' },
  {
    fields: ['VolumeResourceRequirements.limits'],
    because: 'only the request of a claim is looked at, here and by the controllers of Kubernetes',
  },
  { fields: ['PodSpec.hostUsers'], because: 'true is what every Pod has; false, which asks for users of its own, is warned of' },
  {
    fields: ['EphemeralContainer.resources'],
    because: 'the subresource that adds such containers forbids it',
  },
  { fields: ['CustomResourceDefinitionSpec.preserveUnknownFields'], because: 'true is refused, and false is what every definition has' },
  { fields: ['MatchCondition.name'], because: 'for people, and for the metrics of conditions' },
  {
    fields: ['MutatingWebhook.sideEffects', 'ValidatingWebhook.sideEffects'],
    because: 'only None and NoneOnDryRun are allowed, and such webhooks are asked on dry runs too',
  },
  { fields: ['PriorityClass.description'], because: 'for people' },
  {
    fields: ['PodTemplate.template'],
    because: 'nothing in Kubernetes makes Pods of a PodTemplate; the template is defaulted and validated',
  },
  { fields: ['ObjectFieldSelector.apiVersion'], because: 'the version of the path; there is one, v1, and it is the default' },
  {
    fields: ['RoleRef.apiGroup', 'Subject.apiGroup'],
    because: 'only one value is allowed, and it is the default',
  },
  {
    fields: ['ParentReference.group', 'ParentReference.resource'],
    because: 'only Services have IP addresses in v1.34, which is validated',
  },
  {
    fields: [
      'IngressClassSpec.parameters',
      'IngressClassParametersReference.apiGroup',
      'IngressClassParametersReference.kind',
      'IngressClassParametersReference.name',
      'IngressClassParametersReference.scope',
    ],
    because: 'for the controller of the class; ingress-nginx has no parameters',
  },
  {
    fields: [
      'IngressBackend.resource',
      'TypedLocalObjectReference.apiGroup',
      'TypedLocalObjectReference.kind',
      'TypedLocalObjectReference.name',
    ],
    because: 'for the controller of the class; ingress-nginx passes over backends that are no Services',
  },
  {
    fields: ['Endpoint.zone', 'Endpoint.deprecatedTopology'],
    because: 'where the endpoint is; kube-proxy goes by the hints',
  },
  {
    fields: [
      'CertificateSigningRequestSpec.extra',
      'CertificateSigningRequestSpec.groups',
      'CertificateSigningRequestSpec.uid',
      'CertificateSigningRequestSpec.username',
    ],
    because: 'the API server writes down who asks, whatever the client sent, so that it cannot be hidden',
  },
  { fields: ['CSINodeDriver.nodeID', 'CSINodeDriver.topologyKeys'], because: 'for drivers of CSI, of which none runs' },
  { fields: ['LocalVolumeSource.fsType'], because: 'the filesystem to make on a device; folders have none' },
  {
    fields: [
      'JSONSchemaProps.title',
      'JSONSchemaProps.$schema',
      'JSONSchemaProps.example',
      'JSONSchemaProps.externalDocs',
      'ExternalDocumentation.description',
      'ExternalDocumentation.url',
    ],
    because: 'for people and programs that read the schema; it stands in the OpenAPI documents',
  },
];

/** Why a field is told, by its name. */
export const told: ReadonlyMap<FieldName, string> = new Map(
  reasons.flatMap(({ fields, because }) => fields.map((field) => [field, because] as const)),
);
