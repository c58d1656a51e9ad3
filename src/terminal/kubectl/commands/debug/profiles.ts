/** What a profile does to a debugging Pod. Upstream: kubectl/pkg/cmd/debug/profiles.go. */
import type { Json } from '../../json.ts';

export type DebugStyle = 'ephemeral' | 'copy' | 'node';

export interface Kept {
  readonly labels: boolean;
  readonly annotations: boolean;
  readonly liveness: boolean;
  readonly readiness: boolean;
  readonly startup: boolean;
  readonly initContainers: boolean;
}

export const profiles: readonly string[] = ['legacy', 'general', 'baseline', 'restricted', 'netadmin', 'sysadmin'];

/** The Pod as the profile wants it; `container` is the one that was added or changed. */
export function withProfile(pod: Json, container: string, profile: string, style: DebugStyle, kept: Kept): Json {
  const changed = changeContainer(pod, container, securityChange(profile, style));
  if (style === 'node') return nodeDebugger(changed, container, profile);
  if (style === 'ephemeral') return changed;
  if (profile === 'legacy') return without(changed, { ...kept, labels: false, annotations: true });
  const bare = without(withoutProbes(changed, kept), kept);
  return { ...bare, spec: { ...bare.spec, shareProcessNamespace: bare.spec.shareProcessNamespace ?? true } };
}

function nodeDebugger(pod: Json, container: string, profile: string): Json {
  const host = { hostIPC: true, hostNetwork: true, hostPID: true };
  if (profile === 'baseline' || profile === 'restricted') return pod;
  if (profile === 'netadmin') return { ...pod, spec: { ...pod.spec, ...host } };
  const mounted = changeContainer(pod, container, (one) => ({
    ...one,
    volumeMounts: [...(one.volumeMounts ?? []), { mountPath: '/host', name: 'host-root' }],
  }));
  const volumes = [...(pod.spec.volumes ?? []), { hostPath: { path: '/' }, name: 'host-root' }];
  return { ...mounted, spec: { ...mounted.spec, ...host, volumes } };
}

/** Which rights the container gets or loses. */
function securityChange(profile: string, style: DebugStyle): (container: Json) => Json {
  const secured = (change: (context: Json) => Json) => (container: Json) => ({
    ...container,
    securityContext: change(container.securityContext ?? {}),
  });
  const adding = (...names: readonly string[]) =>
    secured((context) => ({
      ...context,
      capabilities: { ...context.capabilities, add: [...(context.capabilities?.add ?? []), ...names] },
    }));
  const cleared = ({ securityContext: _, ...container }: Json): Json => container;
  switch (profile) {
    case 'general':
      return style === 'node' ? cleared : adding('SYS_PTRACE');
    case 'baseline':
      return cleared;
    case 'restricted':
      return (container) => ({
        ...container,
        securityContext: {
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
          runAsNonRoot: true,
          seccompProfile: { type: 'RuntimeDefault' },
        },
      });
    case 'netadmin':
      return adding('NET_ADMIN', 'NET_RAW');
    case 'sysadmin':
      return secured((context) => ({ ...context, privileged: true }));
    default:
      return (container) => container;
  }
}

/** The Pod with one container changed, of whatever kind that is. */
export function changeContainer(pod: Json, name: string, change: (container: Json) => Json): Json {
  const lists = Object.fromEntries(
    ['containers', 'initContainers', 'ephemeralContainers'].flatMap((field) =>
      pod.spec[field] ? [[field, pod.spec[field].map((one: Json) => (one.name === name ? change(one) : one))]] : [],
    ),
  );
  return { ...pod, spec: { ...pod.spec, ...lists } };
}

function withoutProbes(pod: Json, { liveness, readiness, startup }: Kept): Json {
  const containers = pod.spec.containers.map(({ livenessProbe, readinessProbe, startupProbe, ...container }: Json) => ({
    ...container,
    ...(liveness && livenessProbe && { livenessProbe }),
    ...(readiness && readinessProbe && { readinessProbe }),
    ...(startup && startupProbe && { startupProbe }),
  }));
  return { ...pod, spec: { ...pod.spec, containers } };
}

function without(pod: Json, { labels: keepsLabels, annotations: keepsAnnotations, initContainers: keepsInit }: Kept): Json {
  const { labels, annotations, ...metadata } = pod.metadata;
  const { initContainers, ...spec } = pod.spec;
  return {
    ...pod,
    metadata: { ...metadata, ...(keepsLabels && labels && { labels }), ...(keepsAnnotations && annotations && { annotations }) },
    spec: { ...spec, ...(keepsInit && initContainers && { initContainers }) },
  };
}
