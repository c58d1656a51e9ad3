/** kubectl create deployment, namespace, serviceaccount, poddisruptionbudget, priorityclass. */
import type { Command } from '../../command.ts';
import { CommandError } from '../../errors.ts';
import { flag } from '../../flag-set.ts';
import type { Json } from '../../json.ts';
import { createGenerated, generatorFlags, nameOf } from './generated.ts';
import { dns1123LabelOf } from './image-name.ts';

export const createDeployment: Command = {
  name: 'deployment',
  aliases: ['deploy'],
  short: 'Create a deployment with the specified name',
  usage: 'create deployment NAME --image=image -- [COMMAND] [args...]',
  examples: ['create deployment web --image=nginx --replicas=3', 'create deployment job --image=busybox -- sleep 3600'],
  flags: [
    ...generatorFlags,
    flag('image', 'list', [], 'Images to run, one container each.'),
    flag('port', 'int', -1, 'Port that the container listens on.'),
    flag('replicas', 'int', 1, 'How many Pods.', { short: 'r' }),
  ],
  required: ['image'],
  *run(invocation) {
    const { flags, args, dashAt } = invocation;
    const name = nameOf(invocation);
    const command = dashAt < 0 ? [] : args.slice(dashAt);
    const images = flags.list('image');
    if (images.length > 1 && command.length > 0) throw new CommandError('cannot specify multiple --image options and command');
    const ports = flags.int('port') > 0 ? [{ containerPort: flags.int('port') }] : undefined;
    const containers = images.map((image, i) => ({
      ...(command.length > 0 && { command }),
      image,
      name: dns1123LabelOf(image),
      ...(ports && i === 0 && { ports }),
      resources: {},
    }));
    const labels = { app: name };
    const object = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { labels, name },
      spec: {
        replicas: flags.int('replicas'),
        selector: { matchLabels: labels },
        strategy: {},
        template: { metadata: { labels }, spec: { containers } },
      },
      status: {},
    };
    return yield* createGenerated(
      invocation,
      { root: '/apis/apps/v1', resource: 'deployments', isNamespaced: true },
      object,
      'failed to create deployment:',
    );
  },
};

export const createNamespace: Command = {
  name: 'namespace',
  aliases: ['ns'],
  short: 'Create a namespace with the specified name',
  usage: 'create namespace NAME [--dry-run=server|client|none]',
  flags: generatorFlags,
  *run(invocation) {
    const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: nameOf(invocation) }, spec: {}, status: {} };
    return yield* createGenerated(invocation, { root: '/api/v1', resource: 'namespaces', isNamespaced: false }, object, '');
  },
};

export const createServiceAccount: Command = {
  name: 'serviceaccount',
  aliases: ['sa'],
  short: 'Create a service account with the specified name',
  usage: 'create serviceaccount NAME [--dry-run=server|client|none]',
  flags: generatorFlags,
  *run(invocation) {
    const object = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: nameOf(invocation) } };
    return yield* createGenerated(
      invocation,
      { root: '/api/v1', resource: 'serviceaccounts', isNamespaced: true },
      object,
      'failed to create serviceaccount:',
    );
  },
};

export const createPodDisruptionBudget: Command = {
  name: 'poddisruptionbudget',
  aliases: ['pdb'],
  short: 'Create a pod disruption budget with the specified name',
  usage: 'create poddisruptionbudget NAME --selector=SELECTOR --min-available=N [--dry-run=server|client|none]',
  flags: [
    ...generatorFlags,
    flag('max-unavailable', 'string', '', 'How many Pods, or what part of them, may be down.'),
    flag('min-available', 'string', '', 'How many Pods, or what part of them, must stay up.'),
    flag('selector', 'string', '', 'Labels of the Pods that it protects.'),
  ],
  *run(invocation) {
    const { flags } = invocation;
    const name = nameOf(invocation);
    const [min, max, selector] = ['min-available', 'max-unavailable', 'selector'].map((flagName) => flags.string(flagName)) as [
      string,
      string,
      string,
    ];
    if (selector === '') throw new CommandError('a selector must be specified');
    if (min === '' && max === '') throw new CommandError('one of min-available or max-unavailable must be specified');
    if (min !== '' && max !== '') throw new CommandError('min-available and max-unavailable cannot be both specified');
    for (const [flagName, text] of [
      ['min-available', min],
      ['max-unavailable', max],
    ]) {
      if (text !== '' && !/^\d+%?$/.test(text!)) throw new CommandError(`invalid format specified for ${flagName}`);
    }
    const matchLabels = Object.fromEntries(selector.split(',').map((pair) => pair.split(/==?/) as [string, string]));
    const object = {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name },
      spec: {
        ...(min !== '' && { minAvailable: intOrString(min) }),
        ...(max !== '' && { maxUnavailable: intOrString(max) }),
        selector: { matchLabels },
      },
      status: { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 },
    };
    return yield* createGenerated(
      invocation,
      { root: '/apis/policy/v1', resource: 'poddisruptionbudgets', isNamespaced: true },
      object,
      'failed to create poddisruptionbudgets:',
    );
  },
};

export const createPriorityClass: Command = {
  name: 'priorityclass',
  aliases: ['pc'],
  short: 'Create a priority class with the specified name',
  usage: 'create priorityclass NAME --value=VALUE --global-default=BOOL [--dry-run=server|client|none]',
  flags: [
    ...generatorFlags,
    flag('description', 'string', '', 'When to use this class.'),
    flag('global-default', 'bool', false, 'Make it the class of Pods that name none.'),
    flag('preemption-policy', 'string', 'PreemptLowerPriority', 'PreemptLowerPriority or Never.'),
    flag('value', 'int', 0, 'The priority.'),
  ],
  *run(invocation) {
    const { flags } = invocation;
    const object: Json = {
      apiVersion: 'scheduling.k8s.io/v1',
      ...(flags.string('description') !== '' && { description: flags.string('description') }),
      ...(flags.bool('global-default') && { globalDefault: true }),
      kind: 'PriorityClass',
      metadata: { name: nameOf(invocation) },
      preemptionPolicy: flags.string('preemption-policy'),
      value: flags.int('value'),
    };
    return yield* createGenerated(
      invocation,
      { root: '/apis/scheduling.k8s.io/v1', resource: 'priorityclasses', isNamespaced: false },
      object,
      'failed to create priorityclass:',
    );
  },
};

function intOrString(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text;
}
