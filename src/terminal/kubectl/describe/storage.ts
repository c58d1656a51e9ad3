/** PersistentVolumeClaim, PersistentVolume, StorageClass and the kinds of CSI. */
import { accessModesText } from '../../../emulator/api/storage/access-modes.ts';
import type { Json } from '../json.ts';
import { formatLabels } from '../printers/table-printer.ts';
import type { Page } from './page.ts';
import { longTime, titleCase } from './page.ts';
import { sourceLines } from './sources.ts';
import type { Related } from './workloads.ts';

const betaClass = 'volume.beta.kubernetes.io/storage-class';
const defaultClass = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class'];

const classOf = ({ metadata, spec }: Json): string => metadata?.annotations?.[betaClass] ?? spec.storageClassName ?? '';

/** The names of the finalizers as Go prints a list. */
const goList = (names: readonly string[] | undefined): string => `[${(names ?? []).join(' ')}]`;

function phase(page: Page, { metadata, status }: Json): string {
  return metadata.deletionTimestamp ? `Terminating (lasts ${page.since(metadata.deletionTimestamp)})` : (status?.phase ?? '');
}

/** What a claim asks for and has; of a template within a Pod only what it asks for, at a deeper level. */
export function writeClaimFields(page: Page, claim: Json, level: number, isWhole: boolean): void {
  const { metadata = {}, spec, status } = claim;
  page.field(level, 'StorageClass', classOf(claim));
  if (isWhole) page.field(level, 'Status', phase(page, claim));
  page.field(level, 'Volume', spec.volumeName);
  page.labels('Labels', metadata.labels, level);
  page.annotations('Annotations', metadata.annotations, level);
  if (isWhole) page.field(level, 'Finalizers', goList(metadata.finalizers));
  const isBound = Boolean(spec.volumeName);
  page.field(level, 'Capacity', isBound ? (status?.capacity?.storage ?? '0') : '');
  page.field(level, 'Access Modes', isBound ? accessModesText(status?.accessModes) : '');
  if (spec.volumeMode) page.field(level, 'VolumeMode', spec.volumeMode);
  if (!spec.dataSource) return;
  page.line(level, 'DataSource:');
  if (spec.dataSource.apiGroup) page.field(level + 1, 'APIGroup', spec.dataSource.apiGroup);
  page.field(level + 1, 'Kind', spec.dataSource.kind);
  page.field(level + 1, 'Name', spec.dataSource.name);
}

export function writePersistentVolumeClaim(page: Page, claim: Json, { pods = [] }: Related): void {
  page.field(0, 'Name', claim.metadata.name);
  page.field(0, 'Namespace', claim.metadata.namespace);
  writeClaimFields(page, claim, 0, true);
  page.list('Used By', pods.map(({ metadata }) => metadata.name).sort());
  const { conditions = [] } = claim.status ?? {};
  if (conditions.length === 0) return;
  page.line(0, 'Conditions:');
  page.line(1, 'Type\tStatus\tLastProbeTime\tLastTransitionTime\tReason\tMessage');
  page.line(1, '----\t------\t-----------------\t------------------\t------\t-------');
  for (const one of conditions)
    page.line(
      1,
      `${one.type} \t${one.status} \t${longTime(one.lastProbeTime)} \t${longTime(one.lastTransitionTime)} \t${one.reason ?? ''} \t${one.message ?? ''}`,
    );
}

/** Requirements below one another, beside the number of their term. */
function writeTerm(page: Page, level: number, i: number, requirements: readonly Json[]): void {
  const lines = requirements.map(({ key, operator, values }) => {
    const words = `${key} ${(operator ?? 'in').toLowerCase()}`;
    return values?.length ? `${words} [${values.join(', ')}]` : words;
  });
  page.line(level, `Term ${i}:\t${lines.length === 0 ? '<none>' : lines.join(`\n${'  '.repeat(level)}\t`)}`);
}

export function writePersistentVolume(page: Page, volume: Json): void {
  const { metadata, spec, status } = volume;
  page.field(0, 'Name', metadata.name);
  page.labels('Labels', metadata.labels);
  page.annotations('Annotations', metadata.annotations);
  page.field(0, 'Finalizers', goList(metadata.finalizers));
  page.field(0, 'StorageClass', classOf(volume));
  page.field(0, 'Status', phase(page, volume));
  page.field(0, 'Claim', spec.claimRef ? `${spec.claimRef.namespace ?? ''}/${spec.claimRef.name ?? ''}` : '');
  page.field(0, 'Reclaim Policy', spec.persistentVolumeReclaimPolicy);
  page.field(0, 'Access Modes', accessModesText(spec.accessModes));
  if (spec.volumeMode) page.field(0, 'VolumeMode', spec.volumeMode);
  page.field(0, 'Capacity', spec.capacity?.storage ?? '0');
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms as readonly Json[] | undefined;
  page.field(0, 'Node Affinity', terms ? '' : '<none>');
  if (terms) page.field(1, 'Required Terms', terms.length === 0 ? '<none>' : '');
  terms?.forEach(({ matchExpressions = [] }, i) => {
    writeTerm(page, 2, i, matchExpressions);
  });
  page.field(0, 'Message', status?.message);
  page.line(0, 'Source:');
  const lines = sourceLines(spec);
  if (lines === undefined) page.line(1, '<unknown>');
  else for (const [name, value] of lines) page.field(2, name, value);
}

export function writeStorageClass(page: Page, storageClass: Json): void {
  const { metadata, mountOptions = [], allowedTopologies } = storageClass;
  page.field(0, 'Name', metadata.name);
  page.field(0, 'IsDefaultClass', defaultClass.some((name) => metadata.annotations?.[name] === 'true') ? 'Yes' : 'No');
  page.field(0, 'Annotations', formatLabels(metadata.annotations));
  page.field(0, 'Provisioner', storageClass.provisioner);
  page.field(0, 'Parameters', formatLabels(storageClass.parameters));
  const { allowVolumeExpansion: grows } = storageClass;
  page.field(0, 'AllowVolumeExpansion', grows === undefined ? '<unset>' : titleCase(grows));
  page.line(0, mountOptions.length === 0 ? 'MountOptions:\t<none>' : 'MountOptions:');
  for (const option of mountOptions) page.line(1, option);
  if (storageClass.reclaimPolicy) page.field(0, 'ReclaimPolicy', storageClass.reclaimPolicy);
  if (storageClass.volumeBindingMode) page.field(0, 'VolumeBindingMode', storageClass.volumeBindingMode);
  if (!allowedTopologies) return;
  page.field(0, 'AllowedTopologies', allowedTopologies.length === 0 ? '<none>' : '');
  allowedTopologies.forEach(({ matchLabelExpressions = [] }: Json, i: number) => {
    writeTerm(page, 1, i, matchLabelExpressions);
  });
}

export function writeCSINode(page: Page, { metadata, spec }: Json): void {
  page.field(0, 'Name', metadata.name);
  page.labels('Labels', metadata.labels);
  page.annotations('Annotations', metadata.annotations);
  page.field(0, 'CreationTimestamp', longTime(metadata.creationTimestamp));
  page.line(0, 'Spec:');
  if (!spec.drivers) return;
  page.line(1, 'Drivers:');
  for (const { name, nodeID, allocatable, topologyKeys } of spec.drivers) {
    page.line(2, `${name}:`);
    page.field(3, 'Node ID', nodeID);
    if (allocatable?.count !== undefined) {
      page.line(3, 'Allocatables:');
      page.field(4, 'Count', allocatable.count);
    }
    if (topologyKeys) page.field(3, 'Topology Keys', goList(topologyKeys));
  }
}

/** Differs from kubectl 1.33: that asks for the version v1beta1, which a server of v1.34 does not serve, and finds nothing. */
export function writeVolumeAttributesClass(page: Page, { metadata, driverName, parameters }: Json): void {
  page.field(0, 'Name', metadata.name);
  page.field(0, 'Annotations', formatLabels(metadata.annotations));
  page.field(0, 'DriverName', driverName);
  page.field(0, 'Parameters', formatLabels(parameters));
}
