/**
 * NodeRestriction: a kubelet writes only its own Node, Lease, mirror Pods, the status of Pods bound to it, and requests for its own
 * certificates and for tokens of Pods bound to it.
 * Upstream: plugin/pkg/admission/noderestriction/admission.go.
 */
import { decodePem } from '../../../../api/certificates/validation.ts';
import type { CertificateSigningRequest, Node, Pod } from '../../../../api/generated/types.ts';
import { semanticEqual } from '../../../../machinery/equality.ts';
import type { ApiObject } from '../../../../machinery/objects.ts';
import type { StatusError } from '../../../../machinery/status-error.ts';
import { forbidden } from '../../../../machinery/status-error.ts';
import { parseSigningRequest } from '../../../../machinery/x509/index.ts';
import { nodeNameOf } from '../../authorization/node.ts';
import type { ApiServer } from '../../server.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin.ts';
import { changedLabels, forbiddenLabels } from './labels.ts';
import { mirrorAnnotation, problemWithMirror } from './mirror.ts';
import { problemWithToken } from './token.ts';

const kubeletSigners = ['kubernetes.io/kubelet-serving', 'kubernetes.io/kube-apiserver-client-kubelet'];

type Refuse = (reason: string) => StatusError;

function checkPod(node: string, { operation, object, previous, request }: AdmissionAttributes, refuse: Refuse): void {
  const pod = object as Pod;
  if (request.subresource === 'status') return checkPodStatus(node, pod, previous, refuse);
  if (operation === 'DELETE') {
    if (pod.spec?.nodeName !== node) throw refuse(`node "${node}" can only delete pods with spec.nodeName set to itself`);
    return;
  }
  if (operation !== 'CREATE') throw refuse(`unexpected operation "${operation}", node "${node}" can only create and delete mirror pods`);
  if (pod.metadata.annotations?.[mirrorAnnotation] === undefined)
    throw refuse(`pod does not have "${mirrorAnnotation}" annotation, node "${node}" can only create mirror pods`);
  if (pod.spec?.nodeName !== node) throw refuse(`node "${node}" can only create pods with spec.nodeName set to itself`);
  const problem = problemWithMirror(node, pod);
  if (problem) throw refuse(problem);
}

function checkPodStatus(node: string, pod: Pod, previous: ApiObject | undefined, refuse: Refuse): void {
  if (pod.spec?.nodeName !== node) throw refuse(`node "${node}" can only update pod status for pods with spec.nodeName set to itself`);
  if (!semanticEqual(pod.metadata.labels ?? {}, previous?.metadata.labels ?? {}))
    throw refuse(`node "${node}" cannot update labels through pod status`);
}

function checkNode(node: string, { operation, object, previous, request }: AdmissionAttributes, refuse: Refuse): void {
  const name = request.name || object.metadata.name;
  if (name !== node) throw refuse(`node "${node}" is not allowed to modify node "${name}"`);
  const next = object as Node;
  if (operation === 'CREATE') {
    const labels = forbiddenLabels(Object.keys(next.metadata.labels ?? {}));
    if (labels.length > 0) throw refuse(`node "${node}" is not allowed to set the following labels: ${labels.join(', ')}`);
    return;
  }
  if (operation !== 'UPDATE' || !previous) return;
  if (!semanticEqual((previous as Node).spec?.taints ?? [], next.spec?.taints ?? []))
    throw refuse(`node "${node}" is not allowed to modify taints`);
  const labels = forbiddenLabels(changedLabels(previous.metadata.labels, next.metadata.labels));
  if (labels.length > 0) throw refuse(`is not allowed to modify labels: ${labels.join(', ')}`);
}

function checkLease(node: string, { operation, object, request }: AdmissionAttributes, refuse: Refuse): void {
  if (request.namespace !== 'kube-node-lease') throw refuse(`can only access leases in the "kube-node-lease" system namespace`);
  const name = operation === 'CREATE' ? object.metadata.name : request.name || object.metadata.name;
  if (name !== node) throw refuse('can only access node lease with the same name as the requesting node');
}

/** A kubelet asks for certificates of its own only; what else a signer demands is the signer's business. */
function checkRequest(node: string, { operation, object }: AdmissionAttributes, refuse: Refuse): void {
  const { spec } = object as CertificateSigningRequest;
  if (operation !== 'CREATE' || !kubeletSigners.includes(spec.signerName)) return;
  const read = parseSigningRequest(decodePem(spec.request));
  if ('problem' in read) throw refuse(`unable to parse csr: ${read.problem}`);
  if (read.request.subject.commonName !== `system:node:${node}`) throw refuse(`can only create a node CSR with CN=system:node:${node}`);
}

const checks: Readonly<Record<string, (node: string, attributes: AdmissionAttributes, refuse: Refuse) => void>> = {
  pods: checkPod,
  nodes: checkNode,
  leases: checkLease,
  certificatesigningrequests: checkRequest,
};

function check(server: ApiServer, attributes: AdmissionAttributes): void {
  const { request, object } = attributes;
  const node = nodeNameOf(request.user);
  if (node === undefined) return;
  const refuse: Refuse = (reason) => forbidden(request.resource, request.name || object.metadata.name, reason);
  if (request.resource.resource === 'serviceaccounts') {
    const problem = problemWithToken(server, node, request.namespace, object);
    if (problem !== undefined) throw refuse(problem);
    return;
  }
  checks[request.resource.resource]!(node, attributes, refuse);
}

export const nodeRestriction: AdmissionPlugin = {
  name: 'NodeRestriction',
  resources: ['pods', 'pods/status', 'nodes', 'nodes/status', 'leases', 'certificatesigningrequests', 'serviceaccounts/token'],
  operations: ['CREATE', 'UPDATE', 'DELETE'],
  admit(server, attributes) {
    check(server, attributes);
    return attributes.object;
  },
};
