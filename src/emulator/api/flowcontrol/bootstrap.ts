/**
 * What every cluster has of priority and fairness: apiserver/pkg/apis/flowcontrol/bootstrap/default.go. Two objects of
 * each kind are mandatory and keep their spec; the others are suggestions.
 */
import type { FlowSchemaSpec, PriorityLevelConfigurationSpec } from '../generated/types.ts';

/** Kept to what is suggested while it is `true`. */
export const autoUpdateAnnotation = 'apf.kubernetes.io/autoupdate-spec';

const limited = (shares: number, lendable: number, queues?: number, handSize?: number): PriorityLevelConfigurationSpec => ({
  type: 'Limited',
  limited: {
    nominalConcurrencyShares: shares,
    lendablePercent: lendable,
    limitResponse:
      queues === undefined ? { type: 'Reject' } : { type: 'Queue', queuing: { queues, handSize: handSize!, queueLengthLimit: 50 } },
  },
});

/** Priority levels by name. */
export const priorityLevels: Readonly<Record<string, PriorityLevelConfigurationSpec>> = {
  exempt: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
  'catch-all': limited(5, 0),
  system: limited(30, 33, 64, 6),
  'node-high': limited(40, 25, 64, 6),
  'leader-election': limited(10, 0, 16, 4),
  'workload-high': limited(40, 50, 128, 6),
  'workload-low': limited(100, 90, 128, 6),
  'global-default': limited(20, 50, 128, 6),
};

type Rule = NonNullable<FlowSchemaSpec['rules']>[number];
type Subjects = Rule['subjects'];

const groups = (...names: readonly string[]): Subjects => names.map((name) => ({ kind: 'Group', group: { name } }));
const users = (...names: readonly string[]): Subjects => names.map((name) => ({ kind: 'User', user: { name } }));
const ofKubeSystem: Subjects = [{ kind: 'ServiceAccount', serviceAccount: { name: '*', namespace: 'kube-system' } }];
const everyone = groups('system:unauthenticated', 'system:authenticated');
const nodes = groups('system:nodes');

function resources(
  verbs: readonly string[],
  apiGroup: string,
  names: readonly string[],
  clusterScope: boolean,
): NonNullable<Rule['resourceRules']>[number] {
  return { verbs, apiGroups: [apiGroup], resources: names, namespaces: ['*'], ...(clusterScope ? { clusterScope } : {}) };
}

const everything = (subjects: Subjects): Rule => ({
  subjects,
  resourceRules: [resources(['*'], '*', ['*'], true)],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
});

function schema(level: string, precedence: number, by: string, rule: Rule): FlowSchemaSpec {
  return {
    priorityLevelConfiguration: { name: level },
    matchingPrecedence: precedence,
    ...(by === '' ? {} : { distinguisherMethod: { type: by } }),
    rules: [rule],
  };
}

/** Flow schemas by name. */
export const flowSchemaSpecs: Readonly<Record<string, FlowSchemaSpec>> = {
  exempt: schema('exempt', 1, '', everything(groups('system:masters'))),
  'catch-all': schema('catch-all', 10_000, 'ByUser', everything(everyone)),
  'system-nodes': schema('system', 500, 'ByUser', everything(nodes)),
  'system-node-high': schema('node-high', 400, 'ByUser', {
    subjects: nodes,
    resourceRules: [resources(['*'], '', ['nodes', 'nodes/status'], true), resources(['*'], 'coordination.k8s.io', ['leases'], false)],
  }),
  probes: schema('exempt', 2, '', {
    subjects: everyone,
    nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }],
  }),
  'system-leader-election': schema('leader-election', 100, 'ByUser', {
    subjects: [...users('system:kube-controller-manager', 'system:kube-scheduler'), ...ofKubeSystem],
    resourceRules: [resources(['get', 'create', 'update'], 'coordination.k8s.io', ['leases'], false)],
  }),
  'kube-controller-manager': schema('workload-high', 800, 'ByNamespace', everything(users('system:kube-controller-manager'))),
  'kube-scheduler': schema('workload-high', 800, 'ByNamespace', everything(users('system:kube-scheduler'))),
  'kube-system-service-accounts': schema('workload-high', 900, 'ByNamespace', everything(ofKubeSystem)),
  'service-accounts': schema('workload-low', 9000, 'ByUser', everything(groups('system:serviceaccounts'))),
  'global-default': schema('global-default', 9900, 'ByUser', everything(everyone)),
};

/** Whose spec nobody may change. */
export const isMandatory = (name: string): boolean => name === 'exempt' || name === 'catch-all';
