/** What a client wants to get: JSON or YAML, the object or a Table of it. Upstream: endpoints/handlers/negotiation. */
import { notAcceptable } from '../../../machinery/status-error.ts';

export type Form = 'object' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList' | 'APIGroupDiscoveryList';

export interface Accepted {
  readonly type: 'application/json' | 'application/yaml';
  readonly form: Form;
  /** The version of the form: `v1` of a Table, `v2` of aggregated discovery. */
  readonly version: string;
}

/** What an API server names as known. Protobuf is taken in bodies by those who serve the API to the outside, and never given. */
export const knownTypes = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';

const plain: Accepted = { type: 'application/json', form: 'object', version: '' };

/** The groups and versions in which each form exists. */
const forms: Readonly<Record<string, readonly [group: string, ...versions: string[]]>> = {
  Table: ['meta.k8s.io', 'v1', 'v1beta1'],
  PartialObjectMetadata: ['meta.k8s.io', 'v1', 'v1beta1'],
  PartialObjectMetadataList: ['meta.k8s.io', 'v1', 'v1beta1'],
  APIGroupDiscoveryList: ['apidiscovery.k8s.io', 'v2', 'v2beta1'],
};

interface Choice {
  readonly media: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/** By quality, then by how exact they are; equals as they stand. */
function choicesOf(accept: string): readonly Choice[] {
  const exactness = ({ media }: Choice): number => (media === '*/*' ? 0 : media.endsWith('/*') ? 1 : 2);
  return accept
    .split(',')
    .map((choice) => {
      const [media = '', ...rest] = choice.split(';').map((part) => part.trim());
      const parameters = new Map(rest.map((parameter) => [...parameter.split('='), ''].slice(0, 2) as [string, string]));
      const quality = Number(parameters.get('q') ?? 1);
      return { media, parameters, quality: Number.isNaN(quality) ? 1 : quality };
    })
    .sort((a, b) => b.quality - a.quality || exactness(b) - exactness(a));
}

/** The first choice that the server can make; `offered` are the forms that this answer has. Throws 406 when there is none. */
export function negotiate(accept: string | undefined, offered: readonly Form[]): Accepted {
  if (accept === undefined || accept === '') return plain;
  for (const { media, parameters } of choicesOf(accept)) {
    const type = media === '*/*' || media === 'application/*' ? 'application/json' : media;
    if (type !== 'application/json' && type !== 'application/yaml') continue;
    const as = parameters.get('as');
    if (as === undefined) return { ...plain, type };
    const form = forms[as];
    if (!form || !offered.includes(as as Form)) continue;
    const [group, ...versions] = form;
    const version = parameters.get('v') ?? versions[0]!;
    if ((parameters.get('g') ?? group) === group && versions.includes(version)) return { type, form: as as Form, version };
  }
  throw notAcceptable(`only the following media types are accepted: ${knownTypes}`);
}
