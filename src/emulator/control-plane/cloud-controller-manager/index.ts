/**
 * cloud-controller-manager: what the cluster wants from the cloud below it. Here that is load balancers.
 *
 * - `cloudControllerManager` is the program. Its service controller (k8s.io/cloud-provider/controllers/service) gives every
 *   Service of type LoadBalancer without a class of its own a load balancer, and takes it away again before the Service goes.
 * - The cloud itself is behind `CloudLoadBalancers`; the composition root has one.
 * - Nodes are watched only while a Service wants a load balancer.
 *
 * // Differs from Kubernetes: it runs as a service of the control-plane machine and not as a Pod, and does not elect a leader.
 * Deliberately absent: the node, node lifecycle and route controllers: the emulated machines have no cloud that knows them better.
 */
export * from './cloud.ts';
export { cloudControllerManager } from './program.ts';
