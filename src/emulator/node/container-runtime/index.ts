/**
 * The container runtime of a node, after containerd and the CRI (`k8s.io/cri-api`): sandboxes, containers, images, exec,
 * attach and logs, called by the kubelet and by crictl.
 *
 * - A sandbox is a Pod's network namespace; a container is a `Machine` of its own on it, with a first process. Containers
 *   outlive the kubelet: their state is here, and a kubelet that starts again finds it.
 * - What a container does is what its image's program does on the kernel; the runtime invents no behaviour.
 * - A container's files, descriptors and log are made when they are first touched, so an idle server stays small.
 * - Calls come back at once or after virtual time; ends of containers are reported through `onChange`, as CRI events are.
 *
 * Deliberately absent: layers and their storage, runtime handlers, shares of a CPU that is contended (only limits slow a container down).
 */
export * from './cgroup.ts';
export * from './container.ts';
export * from './container-log.ts';
export * from './image-reference.ts';
export * from './image-store.ts';
export { logDirectories } from './log-files.ts';
export * from './registry.ts';
export * from './remote-session.ts';
export * from './runtime.ts';
export * from './sandbox.ts';
export * from './usage.ts';
export type { Placement } from './out-of-memory.ts';
