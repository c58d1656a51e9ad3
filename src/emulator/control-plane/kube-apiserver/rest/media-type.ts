/** What a client wants to get: JSON, YAML or protobuf, the object or a Table of it. Upstream: endpoints/handlers/negotiation. */
import { protobufType } from '../../../machinery/protobuf.ts';
import { notAcceptable } from '../../../machinery/status-error.ts';

export type Form = 'object' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList' | 'APIGroupDiscoveryList';

export interface Accepted {
  readonly type: 'application/json' | 'application/yaml' | typeof protobufType;
  readonly form: Form;
  /** The version of the form: `v1` of a Table, `v2` of aggregated discovery. */
  readonly version: string;
}

/** What an API server names as known. */
export const knownTypes = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
/** And for watches, of which there are none in YAML. */
const knownStreams = 'application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch';

export interface Offer {
  /** The forms that this answer has. */
  readonly forms: readonly Form[];
  /** In which of them there is protobuf: in none where nobody can write it. */
  readonly protobuf: readonly Form[];
  readonly isWatch?: boolean;
}

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

/** The first choice that the server can make. Throws 406 when there is none. */
export function negotiate(accept: string | undefined, offer: Offer): Accepted {
  if (accept === undefined || accept === '') return plain;
  for (const { media, parameters } of choicesOf(accept)) {
    const type = media === '*/*' || media === 'application/*' ? 'application/json' : media;
    if (type !== 'application/json' && type !== 'application/yaml' && type !== protobufType) continue;
    const stream = parameters.get('stream') ?? '';
    if (stream !== '' && stream !== 'watch') continue;
    if (type === 'application/yaml' && (stream !== '' || offer.isWatch)) continue;
    const form = formOf(parameters, offer);
    if (form && (type !== protobufType || offer.protobuf.includes(form.form))) return { ...form, type };
  }
  throw notAcceptable(`only the following media types are accepted: ${offer.isWatch ? knownStreams : knownTypes}`);
}

/** The form that is asked for, if there is such. */
function formOf(parameters: ReadonlyMap<string, string>, { forms: offered }: Offer): Omit<Accepted, 'type'> | undefined {
  const as = parameters.get('as');
  if (as === undefined) return plain;
  const known = forms[as];
  if (!known || !offered.includes(as as Form)) return undefined;
  const [group, ...versions] = known;
  const version = parameters.get('v') ?? versions[0]!;
  return (parameters.get('g') ?? group) === group && versions.includes(version) ? { form: as as Form, version } : undefined;
}
