/** A Pod template in a description, and alone as `rollout history --revision` shows it. Upstream: DescribePodTemplate. */
import type { Json } from '../json.ts';
import { describeContainers } from './containers.ts';
import { Page, selectorLine } from './page.ts';
import { describeVolumes } from './volumes.ts';

export function writePodTemplate(page: Page, template: Json): void {
  page.line(0, 'Pod Template:');
  const { metadata = {}, spec } = template;
  page.labels('  Labels', metadata.labels);
  if (Object.keys(metadata.annotations ?? {}).length > 0) page.annotations('  Annotations', metadata.annotations);
  if (spec.serviceAccountName) page.field(1, 'Service Account', spec.serviceAccountName);
  if (spec.initContainers?.length > 0) describeContainers(page, { title: 'Init Containers', containers: spec.initContainers, space: '  ' });
  describeContainers(page, { title: 'Containers', containers: spec.containers ?? [], space: '  ' });
  describeVolumes(page, spec.volumes, '  ');
  writeSpreadConstraints(page, spec.topologySpreadConstraints, '  ');
  if (spec.priorityClassName) page.field(1, 'Priority Class Name', spec.priorityClassName);
  page.labels('  Node-Selectors', spec.nodeSelector);
  page.tolerations('  Tolerations', spec.tolerations);
}

export function writeSpreadConstraints(page: Page, constraints: readonly Json[] | undefined, space: string): void {
  if (!constraints || constraints.length === 0) return;
  const sorted = [...constraints].sort((a, b) => (a.topologyKey < b.topologyKey ? -1 : 1));
  const texts = sorted.map((one) => {
    const selector = one.labelSelector ? ` for selector ${selectorLine(one.labelSelector)}` : '';
    return `${one.topologyKey}:${one.whenUnsatisfiable} when max skew ${one.maxSkew} is exceeded${selector}`;
  });
  page.write(0, `${space}Topology Spread Constraints:\t${texts.join(`\n${space}\t`)}\n`);
}

/** The text of a template, without columns: upstream writes it to a plain buffer. */
export function describePodTemplate(template: Json): string {
  const page = new PlainPage(0);
  writePodTemplate(page, template);
  return page.end();
}

/** Keeps tabs as they are. */
class PlainPage extends Page {
  #text = '';
  override write(level: number, text: string): void {
    this.#text += '  '.repeat(level) + text;
  }
  override end(): string {
    return this.#text;
  }
}
