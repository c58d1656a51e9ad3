/** ConfigMap, Secret, ServiceAccount, Namespace, PriorityClass. */
import { fromBase64, textOf } from '../../../emulator/kernel/index.ts';
import type { Json } from '../json.ts';
import { formatLabels } from '../printers/table-printer.ts';
import type { Page } from './page.ts';
import { longTime } from './page.ts';
import { writeLimitRanges, writeQuotas } from './policy.ts';
import type { Related } from './workloads.ts';

function header(page: Page, { metadata }: Json): void {
  page.field(0, 'Name', metadata.name);
  if (metadata.namespace) page.field(0, 'Namespace', metadata.namespace);
  page.labels('Labels', metadata.labels);
  page.annotations('Annotations', metadata.annotations);
}

export function writeConfigMap(page: Page, object: Json): void {
  header(page, object);
  page.line(0, '\nData\n====');
  for (const key of Object.keys(object.data ?? {}).sort()) page.line(0, `${key}:\n----\n${object.data[key]}\n`);
  page.line(0, '\nBinaryData\n====');
  for (const key of Object.keys(object.binaryData ?? {}).sort())
    page.line(0, `${key}: ${fromBase64(object.binaryData[key])?.length ?? 0} bytes`);
  page.line(0, '');
}

export function writeSecret(page: Page, object: Json): void {
  header(page, object);
  page.line(0, `\nType:\t${object.type ?? ''}`);
  page.line(0, '\nData\n====');
  for (const key of Object.keys(object.data ?? {}).sort()) {
    const bytes = fromBase64(object.data[key]);
    const isToken = key === 'token' && object.type === 'kubernetes.io/service-account-token';
    page.field(0, key, isToken && bytes !== undefined ? textOf(bytes) : `${bytes?.length ?? 0} bytes`);
  }
}

export function writeServiceAccount(page: Page, object: Json, { secrets = [] }: Related): void {
  header(page, object);
  const isMissing = (name: string): boolean => !secrets.some((secret) => secret.metadata.name === name);
  const names = (list: readonly Json[] | undefined): string[] =>
    (list ?? []).map((one) => (isMissing(one.name) ? `${one.name} (not found)` : one.name));
  const tokens = secrets
    .filter(
      (secret) =>
        secret.type === 'kubernetes.io/service-account-token' &&
        secret.metadata.annotations?.['kubernetes.io/service-account.uid'] === object.metadata.uid,
    )
    .map((secret) => secret.metadata.name as string);
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['Image pull secrets:', names(object.imagePullSecrets)],
    ['Mountable secrets: ', names(object.secrets)],
    ['Tokens:            ', tokens],
  ];
  for (const [title, values] of rows) {
    if (values.length === 0) page.line(0, `${title}\t<none>`);
    for (const [i, value] of values.entries()) page.line(0, `${i === 0 ? title : ' '.repeat(19)}\t${value}`);
  }
}

export function writeNamespace(page: Page, object: Json, { quotas, limitRanges }: Related): void {
  header(page, object);
  page.field(0, 'Status', object.status?.phase ?? '');
  if (object.status?.conditions?.length > 0) {
    page.line(0, 'Conditions:');
    page.line(1, 'Type\tStatus\tLastTransitionTime\tReason\tMessage');
    page.line(1, '----\t------\t------------------\t------\t-------');
    for (const one of object.status.conditions)
      page.line(1, `${one.type}\t${one.status}\t${longTime(one.lastTransitionTime)}\t${one.reason}\t${one.message}`);
  }
  if (quotas) {
    page.line(0, '');
    writeQuotas(page, quotas);
  }
  if (limitRanges) {
    page.line(0, '');
    writeLimitRanges(page, limitRanges);
  }
}

export function writePriorityClass(page: Page, object: Json): void {
  page.field(0, 'Name', object.metadata.name);
  page.field(0, 'Value', object.value);
  page.field(0, 'GlobalDefault', object.globalDefault ?? false);
  page.field(0, 'PreemptionPolicy', object.preemptionPolicy ?? 'PreemptLowerPriority');
  page.field(0, 'Description', object.description ?? '');
  page.field(0, 'Annotations', formatLabels(object.metadata.annotations));
}
