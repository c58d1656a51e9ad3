/** NetworkPolicy: pkg/registry/networking/networkpolicy/strategy.go. */
import { fieldPath } from '../../machinery/field-error.ts';
import type { FieldPath } from '../../machinery/field-error.ts';
import { formatLabelSelector } from '../../machinery/labels.ts';
import { age, name, text } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import { change, fill, fillNil, mapSame } from '../fill.ts';
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec } from '../generated/types.ts';
import { cidrWarnings } from './cidr.ts';
import { validateNetworkPolicy, validateNetworkPolicyUpdate } from './network-policy-validation.ts';

const defaultPorts = <T extends { readonly ports?: readonly NetworkPolicyPort[] | undefined }>(rule: T): T =>
  change(rule, 'ports', (ports) => mapSame(ports ?? [], (port) => fillNil(port, { protocol: 'TCP' })) as NonNullable<T['ports']>);

/** SetDefaults_NetworkPolicy of pkg/apis/networking/v1/defaults.go: rules for egress make it a policy for egress too. */
function defaultSpec(spec: NetworkPolicySpec | undefined): NetworkPolicySpec {
  let result = fill(spec ?? {}, { podSelector: {} });
  result = change(result, 'ingress', (rules) => mapSame(rules, defaultPorts));
  result = change(result, 'egress', (rules) => mapSame(rules, defaultPorts));
  if (result.policyTypes?.length) return result;
  return { ...result, policyTypes: result.egress?.length ? ['Ingress', 'Egress'] : ['Ingress'] };
}

function peerWarnings(peers: readonly NetworkPolicyPeer[] | undefined, path: FieldPath): readonly string[] {
  return (peers ?? []).flatMap(({ ipBlock }, i) => {
    if (!ipBlock) return [];
    const at = path.index(i).child('ipBlock');
    const except = (ipBlock.except ?? []).flatMap((block, j) => cidrWarnings(block, at.child('except').index(j)));
    return [...cidrWarnings(ipBlock.cidr, at.child('cidr')), ...except];
  });
}

/** Blocks that can be read in two ways. */
function warnings({ spec }: NetworkPolicy): readonly string[] {
  const found: string[] = [];
  const at = fieldPath('spec');
  (spec?.ingress ?? []).forEach((rule, i) => {
    found.push(...peerWarnings(rule.from, at.child('ingress').index(i).child('from')));
  });
  (spec?.egress ?? []).forEach((rule, i) => {
    found.push(...peerWarnings(rule.to, at.child('egress').index(i).child('to')));
  });
  return found;
}

/** The descriptor of NetworkPolicy. */
export const networkPolicies = defineKind<NetworkPolicy>({
  group: 'networking.k8s.io',
  kind: 'NetworkPolicy',
  resource: 'networkpolicies',
  shortNames: ['netpol'],
  hasGeneration: true,
  setDefaults(policy) {
    const spec = defaultSpec(policy.spec);
    return spec === policy.spec ? policy : { ...policy, spec };
  },
  validate: validateNetworkPolicy,
  validateUpdate: validateNetworkPolicyUpdate,
  warnings,
  columns: [
    name(),
    text('Pod-Selector', 'Labels of the Pods that it is for.', ({ spec }) => formatLabelSelector(spec?.podSelector)),
    age(),
  ],
});
