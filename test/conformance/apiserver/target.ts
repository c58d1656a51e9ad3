/** Where an object is posted. */
import { kinds } from '../../../src/emulator/api/kinds.ts';
import type { SampleObject } from './requests.ts';

export function targetOf({ apiVersion, kind: name }: SampleObject): string {
  const [version, group = ''] = apiVersion.split('/').reverse();
  const kind = kinds.find((one) => one.kind === name && one.group === group);
  if (!kind) throw new Error(`there is no kind ${apiVersion} ${name}`);
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  return `${root}${kind.isNamespaced ? '/namespaces/default' : ''}/${kind.resource}?dryRun=All&fieldValidation=Strict`;
}

/** What a controller would have made, had the server one. */
export const firstRequests = [{ target: '/api/v1/namespaces/default/serviceaccounts', body: { metadata: { name: 'default' } } }] as const;
