/** Named formats of strings: apiserver/pkg/cel/library/format.go. */
import { asPrefix, dns1035Label, dns1123Label, dns1123Subdomain, labelValue, qualifiedName } from '../../names.ts';
import { hasFormat } from '../../structural-schema/formats.ts';
import { define } from '../overload.ts';
import { Opaque, Optional } from '../values.ts';

interface Format {
  readonly name: string;
  readonly complaints: (text: string) => readonly string[];
}

const byFormat =
  (format: string, complaint: string) =>
  (text: string): readonly string[] =>
    hasFormat(text, format) ? [] : [complaint];

const formats: Readonly<Record<string, Format>> = {
  dns1123Label: { name: 'DNS1123Label', complaints: dns1123Label },
  dns1123Subdomain: { name: 'DNS1123Subdomain', complaints: dns1123Subdomain },
  dns1035Label: { name: 'DNS1035Label', complaints: dns1035Label },
  qualifiedName: { name: 'QualifiedName', complaints: qualifiedName },
  dns1123LabelPrefix: { name: 'DNS1123LabelPrefix', complaints: asPrefix(dns1123Label) },
  dns1123SubdomainPrefix: { name: 'DNS1123SubdomainPrefix', complaints: asPrefix(dns1123Subdomain) },
  dns1035LabelPrefix: { name: 'DNS1035LabelPrefix', complaints: asPrefix(dns1035Label) },
  labelValue: { name: 'LabelValue', complaints: labelValue },
  uri: { name: 'URI', complaints: byFormat('uri', 'invalid URI for request') },
  uuid: { name: 'uuid', complaints: byFormat('uuid', 'does not match the UUID format') },
  byte: { name: 'byte', complaints: byFormat('byte', 'invalid base64') },
  date: { name: 'date', complaints: byFormat('date', 'invalid date') },
  datetime: { name: 'datetime', complaints: byFormat('datetime', 'invalid datetime') },
};

const type = 'kubernetes.NamedFormat';
const wrap = (format: Format): Opaque<Format> => new Opaque(type, format, format.name);

const constants = Object.entries(formats).flatMap(([name, format]) => define({ [`format.${name}(): ${type}`]: () => wrap(format) }));

export const formatFunctions = [
  ...constants,
  ...define({
    [`format.named(string): optional<${type}>`]: ([name]) => new Optional(Object.hasOwn(formats, name) ? wrap(formats[name]!) : undefined),
    [`${type}.validate(string): optional<list<string>>`]: ([format, text]) => {
      const complaints = (format.of as Format).complaints(text);
      return new Optional(complaints.length > 0 ? [...complaints] : undefined);
    },
  }),
];
