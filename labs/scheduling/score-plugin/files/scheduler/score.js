// Called for each node that the filters have left, when there is more than one. The answer is 0 (bad) to 100 (good).
//
// pod:  { namespace, name, labels, annotations, spec, cpu, memory }      what it requests: thousandths of a CPU, bytes
// node: { name, labels, annotations, taints,
//         cpu: { allocatable, requested }, memory: { allocatable, requested },
//         pods: [{ namespace, name, labels }] }
function score(pod, node) {
  return node.label['example.com/price'];
}
