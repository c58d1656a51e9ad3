/** Why a lab cannot run on a cluster that is not emulated: it needs more than a namespace. */
import type { FaultList } from '../../emulator/faults/index.ts';
import type { GradedLab } from '../../lab/grading/grade-lab.ts';
import { objectsOf } from './start.ts';
import { scopeOf } from './kinds.ts';

/** Faults of machines, of the control plane and of cluster-wide objects: nothing that is done to a cluster of somebody's own. */
function faultNames(list: FaultList): readonly string[] {
  return [...new Set(list.flatMap((entry) => ('choose' in entry ? entry.of : [entry])).map(({ fault }) => fault))];
}

/** Empty when nothing speaks against it. */
export async function reasonsAgainst({ lab, checks, solutions }: GradedLab): Promise<readonly string[]> {
  const { cluster, files, terminals } = lab;
  const reasons: string[] = [];
  const [image] = cluster.images;
  if (image) reasons.push(`it uses the image ${image.name}, which only the emulated registry has`);
  if (cluster.addons && cluster.addons.length > 0) reasons.push(`it needs the add-ons ${cluster.addons.join(', ')}`);
  if (cluster.faults?.length) reasons.push(`it breaks its cluster (${faultNames(cluster.faults).join(', ')})`);
  if (cluster.nodes.some((node) => typeof node !== 'string')) reasons.push('it describes its own nodes');
  if (Object.keys(files).length > 0 || terminals.length > 1) reasons.push('it needs machines of its own');
  for (const { apiVersion, kind } of objectsOf(lab)) {
    const scope = scopeOf(apiVersion, kind);
    if (scope !== 'namespaced' && kind !== 'Namespace') reasons.push(`it begins with a ${kind}, which belongs to no namespace`);
  }
  // The words of the checks and of the solution say what they touch.
  const source = (await checks()).toString();
  const { solution } = await solutions();
  const signs: readonly (readonly [RegExp, string, string])[] = [
    [/\.file\(/, source, 'its checks read files of machines'],
    [/['"`]nodes['"`]/, source, 'its checks look at nodes'],
    [/\bby:/, source, 'its checks ask who made a change, which a watch does not tell'],
    [/\.connects\(|\.(connections|sent)\(/, source, 'its checks measure connections, which only the emulator shows'],
    [/kube-system/, source, "its checks look at the control plane's own Pods"],
    [/\bssh\b|\betcdctl\b|\bcrictl\b|\/etc\/kubernetes/, solution, 'it is done on the machines themselves'],
    [/create (namespace|ns)\b|kind: Namespace/, solution, 'the learner makes namespaces in it'],
    [/\b(label|annotate|taint|cordon|drain) nodes?\b|\b(taint|cordon|drain)\b/, solution, 'the learner changes nodes in it'],
  ];
  for (const [sign, text, reason] of signs) if (sign.test(text)) reasons.push(reason);
  return [...new Set(reasons)];
}
