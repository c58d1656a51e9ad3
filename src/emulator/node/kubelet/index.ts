/**
 * The kubelet: makes the Pods that are bound to its node run, and tells the API server how they fare.
 *
 * - Pods come from the API (those with this `spec.nodeName`) and from files (static Pods). Each has one pod worker, which
 *   compares what should run with what the container runtime has, and does the next steps. It never plans from its own memory.
 * - The runtime outlives the kubelet. A kubelet that starts again finds its Pods running and loses only its back-offs.
 * - Status goes out when it changed, through `status-writer.ts`; probes report when their verdict changes.
 * - It never talks to the scheduler or to controllers: they meet in the API.
 *
 * Deliberately absent: garbage collection of containers beyond one dead container a name, device plugins, CPU pinning, checkpoints.
 */

export type { Kubelet } from './kubelet.ts';
export { kubeletService } from './kubelet.ts';
export { kubelet } from './program.ts';
