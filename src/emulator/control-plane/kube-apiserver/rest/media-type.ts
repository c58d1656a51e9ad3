/** What a client wants to get: JSON or YAML, the object or a Table of it. Upstream: endpoints/handlers/negotiation. */
import { notAcceptable } from '../../../machinery/status-error.ts';

export type Form = 'object' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList' | 'APIGroupDiscoveryList';

export interface Accepted {
  readonly type: 'application/json' | 'application/yaml';
  readonly form: Form;
  /** The version of the form: `v1` of a Table, `v2` of aggregated discovery. */
  readonly version: string;
}

const plain: Accepted = { type: 'application/json', form: 'object', version: '' };
const forms = new Set<Form>(['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList', 'APIGroupDiscoveryList']);

/** The first choice that the server can make; `offered` are the forms that this answer has. Throws 406 when there is none. */
export function negotiate(accept: string | undefined, offered: readonly Form[]): Accepted {
  if (accept === undefined || accept === '') return plain;
  for (const choice of accept.split(',')) {
    const [media = '', ...parameters] = choice.split(';').map((part) => part.trim());
    const type = media === '*/*' || media === 'application/*' ? 'application/json' : media;
    if (type !== 'application/json' && type !== 'application/yaml') continue;
    const values = new Map(parameters.map((parameter) => parameter.split('=', 2) as [string, string]));
    const as = values.get('as') as Form | undefined;
    if (as === undefined) return { ...plain, type };
    if (!forms.has(as) || !offered.includes(as)) continue;
    return { type, form: as, version: values.get('v') ?? 'v1' };
  }
  throw notAcceptable('only the following media types are accepted: application/json, application/yaml');
}
