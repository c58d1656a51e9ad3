/** What a control of the Pod Security Standards is, and the words that they share (pod-security-admission/policy). */
import type { Container, PodSpec, SecurityContext } from '../../../../api/generated/types.ts';
import { quote } from '../../../../machinery/go-quote.ts';
import type { Labels } from '../../../../machinery/objects.ts';

/** What is checked: a Pod, or the template of one. */
export interface Subject {
  readonly annotations: Labels;
  readonly spec: PodSpec;
  /** Init containers, containers and ephemeral ones. */
  readonly containers: readonly Container[];
}

/** A violation: the reason by itself stands for many Pods, with the detail for one. */
export interface Violation {
  readonly reason: string;
  readonly detail: string;
}

export type CheckPod = (subject: Subject) => Violation | undefined;

export interface Check {
  readonly id: string;
  /** From which minor version on a check holds, in rising order. */
  readonly versions: readonly { readonly from: number; readonly check: CheckPod }[];
  /** The baseline check that this restricted one stands for. */
  readonly overrides?: string;
}

export const subjectOf = (spec: PodSpec, annotations: Labels | undefined): Subject => ({
  annotations: annotations ?? {},
  spec,
  containers: [...(spec.initContainers ?? []), ...spec.containers, ...((spec.ephemeralContainers ?? []) as readonly Container[])],
});

/** `"a", "b"`, without escapes. */
export const quoted = (items: readonly string[]): string => items.map((item) => `"${item}"`).join(', ');

/** Each once, sorted by code units. */
export const distinct = (items: readonly string[]): readonly string[] => [...new Set(items)].sort();

export const plural = (one: string, many: string, count: number): string => (count === 1 ? one : many);

/** `container "a"`, `containers "a", "b"`. */
export const containersText = (names: readonly string[]): string => `${plural('container', 'containers', names.length)} ${quoted(names)}`;

/** `key="value"`. */
export const annotationText = (key: string, value: string): string => `${key}=${quote(value)}`;

export const namesOf = (containers: readonly Container[]): readonly string[] => containers.map(({ name }) => name);

/** The containers of which something holds. */
export const having = ({ containers }: Subject, test: (security: SecurityContext, container: Container) => boolean): readonly Container[] =>
  containers.filter((container) => test(container.securityContext ?? {}, container));

/** `pod and containers "a", "b"`: who set something. */
export const settersText = (isPod: boolean, names: readonly string[]): string =>
  [...(isPod ? ['pod'] : []), ...(names.length > 0 ? [containersText(names)] : [])].join(' and ');

/** Pods of Windows have no such thing: from v1.25 on they are let through. */
export const exceptWindows =
  (check: CheckPod): CheckPod =>
  (subject) =>
    subject.spec.os?.name === 'windows' ? undefined : check(subject);
