/** ResourceQuota, LimitRange, by themselves and on the page of their Namespace; CertificateSigningRequest. */
import { requestState } from '../../../emulator/api/certificates/certificate-signing-request.ts';
import { fromBase64, textOf } from '../../../emulator/kernel/index.ts';
import { humanDuration } from '../../../emulator/machinery/duration.ts';
import { parseQuantity, quantityOf } from '../../../emulator/machinery/quantity.ts';
import { parseSigningRequest } from '../../../emulator/machinery/x509/index.ts';
import { CommandError } from '../errors.ts';
import type { Json } from '../json.ts';
import { formatLabels } from '../printers/table-printer.ts';
import type { Page } from './page.ts';
import { longTime } from './page.ts';

const billion = 1_000_000_000n;
const limitColumns = 'Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio';
const limitLines = '----\t--------\t---\t---\t---------------\t-------------\t-----------------------';
const lists = ['min', 'max', 'defaultRequest', 'default', 'maxLimitRequestRatio'] as const;

const scopeHelp: Readonly<Record<string, string>> = {
  Terminating:
    'Matches all pods that have an active deadline. These pods have a limited lifespan on a node before being actively terminated by the system.',
  NotTerminating:
    'Matches all pods that do not have an active deadline. These pods usually include long running pods whose container command is not expected to terminate.',
  BestEffort: 'Matches all pods that do not have resource requirements set. These pods have a best effort quality of service.',
  NotBestEffort:
    'Matches all pods that have at least one resource requirement set. These pods have a burstable or guaranteed quality of service.',
};

/** One line for each resource that a limit names; sorted, where kubectl has the order of a Go map. */
function writeLimits(page: Page, { spec }: Json, prefix: string): void {
  for (const item of spec?.limits ?? []) {
    const names = new Set<string>(lists.flatMap((list) => Object.keys(item[list] ?? {})));
    for (const name of [...names].sort())
      page.line(0, [prefix + item.type, name, ...lists.map((list) => item[list]?.[name] ?? '-')].join('\t'));
  }
}

export function writeLimitRange(page: Page, object: Json): void {
  page.field(0, 'Name', object.metadata.name);
  page.field(0, 'Namespace', object.metadata.namespace);
  page.line(0, limitColumns);
  page.line(0, limitLines);
  writeLimits(page, object, '');
}

/** All limits of a Namespace in one table. */
export function writeLimitRanges(page: Page, ranges: readonly Json[]): void {
  if (ranges.length === 0) {
    page.line(0, 'No LimitRange resource.');
    return;
  }
  page.line(0, `Resource Limits\n ${limitColumns}`);
  page.line(0, ` ${limitLines}`);
  for (const range of ranges) writeLimits(page, range, ' ');
}

/** The scopes with what they mean, each meaning behind a mark. */
function writeScopes(page: Page, level: number, { spec }: Json, mark: string): void {
  const scopes = [...(spec?.scopes ?? [])].sort() as string[];
  if (scopes.length === 0) return;
  page.field(level, 'Scopes', scopes.join(', '));
  for (const scope of scopes) if (scopeHelp[scope]) page.line(level, `${mark}${scopeHelp[scope]}`);
}

/** What is used in the format of the limit: whole units when the formats differ. */
function usedAs(used: string, hard: string): string {
  const [a, b] = [parseQuantity(used), parseQuantity(hard)];
  if (a.format === b.format) return used;
  const whole = a.nanos % billion === 0n ? a.nanos : (a.nanos / billion + 1n) * billion;
  return quantityOf(whole, b.format).text;
}

export function writeQuota(page: Page, object: Json): void {
  const { hard = {}, used = {} } = object.status ?? {};
  page.field(0, 'Name', object.metadata.name);
  page.field(0, 'Namespace', object.metadata.namespace);
  writeScopes(page, 0, object, ' * ');
  page.line(0, 'Resource\tUsed\tHard');
  page.line(0, '--------\t----\t----');
  for (const name of Object.keys(hard).sort()) page.line(0, `${name}\t${usedAs(used[name] ?? '0', hard[name])}\t${hard[name]}`);
}

/** All quotas of a Namespace, one below the other. */
export function writeQuotas(page: Page, quotas: readonly Json[]): void {
  if (quotas.length === 0) {
    page.line(0, 'No resource quota.');
    return;
  }
  page.line(0, 'Resource Quotas');
  for (const quota of [...quotas].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))) {
    const { hard = {}, used = {} } = quota.status ?? {};
    page.field(1, 'Name', quota.metadata.name);
    writeScopes(page, 1, quota, '* ');
    page.line(1, 'Resource\tUsed\tHard');
    page.line(1, '--------\t---\t---');
    for (const name of Object.keys(hard).sort()) page.line(1, `${name}\t${used[name] ?? '0'}\t${hard[name]}`);
  }
}

/** Attributes of a subject in the order of the page, after common name and serial number. */
const attributes: readonly (readonly [string, string])[] = [
  ['Organization', '2.5.4.10'],
  ['Organizational Unit', '2.5.4.11'],
  ['Country', '2.5.4.6'],
  ['Locality', '2.5.4.7'],
  ['Province', '2.5.4.8'],
  ['StreetAddress', '2.5.4.9'],
  ['PostalCode', '2.5.4.17'],
];

function writeValues(page: Page, name: string, values: readonly string[] | undefined): void {
  if (values?.length) page.line(0, `\t${name}:\t${values.join('\n\t\t')}`);
}

export function writeCertificateSigningRequest(page: Page, { metadata, spec, status }: Json): void {
  const read = parseSigningRequest(textOf(fromBase64(spec.request)!));
  if ('problem' in read) throw new CommandError(`Error parsing CSR: ${read.problem}`);
  const { attributes: subject, dnsNames, emails, uris, ips } = read.request;
  page.field(0, 'Name', metadata.name);
  page.field(0, 'Labels', formatLabels(metadata.labels));
  page.field(0, 'Annotations', formatLabels(metadata.annotations));
  page.field(0, 'CreationTimestamp', longTime(metadata.creationTimestamp));
  page.field(0, 'Requesting User', spec.username);
  page.field(0, 'Signer', spec.signerName);
  if (spec.expirationSeconds !== undefined) page.field(0, 'Requested Duration', humanDuration(spec.expirationSeconds * 1000));
  page.field(0, 'Status', requestState({ status }));
  page.line(0, 'Subject:');
  page.line(0, `\tCommon Name:\t${subject['2.5.4.3']?.[0] ?? ''}`);
  page.line(0, `\tSerial Number:\t${subject['2.5.4.5']?.[0] ?? ''}`);
  for (const [name, id] of attributes) writeValues(page, name, subject[id]);
  if (dnsNames.length + emails.length + uris.length + ips.length === 0) return;
  page.line(0, 'Subject Alternative Names:');
  writeValues(page, 'DNS Names', dnsNames);
  writeValues(page, 'Email Addresses', emails);
  writeValues(page, 'URIs', uris);
  writeValues(page, 'IP Addresses', ips);
}
