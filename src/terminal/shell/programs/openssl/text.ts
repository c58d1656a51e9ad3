/** Certificates and requests as `openssl … -text` prints them (OpenSSL 3.0). */
import { civilTime } from '../../../../emulator/kernel/index.ts';
import type { DerValue } from '../../../../emulator/machinery/x509/index.ts';
import { decodeDer, readIdentifier, readText, readTime } from '../../../../emulator/machinery/x509/index.ts';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const attributes: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
};
const algorithms: Readonly<Record<string, string>> = {
  '1.2.840.10045.4.3.2': 'ecdsa-with-SHA256',
  '1.2.840.113549.1.1.11': 'sha256WithRSAEncryption',
  '1.2.840.113549.1.1.12': 'sha384WithRSAEncryption',
  '1.2.840.113549.1.1.13': 'sha512WithRSAEncryption',
};
const extensions: Readonly<Record<string, string>> = {
  '2.5.29.14': 'X509v3 Subject Key Identifier',
  '2.5.29.15': 'X509v3 Key Usage',
  '2.5.29.17': 'X509v3 Subject Alternative Name',
  '2.5.29.19': 'X509v3 Basic Constraints',
  '2.5.29.35': 'X509v3 Authority Key Identifier',
  '2.5.29.37': 'X509v3 Extended Key Usage',
};
const keyUsages = [
  'Digital Signature',
  'Non Repudiation',
  'Key Encipherment',
  'Data Encipherment',
  'Key Agreement',
  'Certificate Sign',
  'CRL Sign',
  'Encipher Only',
];
const extendedUsages: Readonly<Record<string, string>> = {
  '1.3.6.1.5.5.7.3.1': 'TLS Web Server Authentication',
  '1.3.6.1.5.5.7.3.2': 'TLS Web Client Authentication',
  '1.3.6.1.5.5.7.3.3': 'Code Signing',
  '1.3.6.1.5.5.7.3.4': 'E-mail Protection',
  '1.3.6.1.5.5.7.3.8': 'Time Stamping',
  '1.3.6.1.5.5.7.3.9': 'OCSP Signing',
  '2.5.29.37.0': 'Any Extended Key Usage',
};
const rsa = '1.2.840.113549.1.1.1';

const hex = (bytes: Uint8Array, upper = false): string[] =>
  [...bytes].map((byte) => (upper ? byte.toString(16).padStart(2, '0').toUpperCase() : byte.toString(16).padStart(2, '0')));

/** `CN = jane, O = dev`, in the order in which it is encoded. */
export function nameText(name: DerValue): string {
  return name.children
    .flatMap(({ children }) => children)
    .map(({ children: [id, value] }) => {
      const known = readIdentifier(id!);
      return `${attributes[known] ?? known} = ${readText(value!)}`;
    })
    .join(', ');
}

/** `Nov  3 09:00:00 2025 GMT`. */
export function timeText(value: DerValue): string {
  const { year, month, day, hour, minute, second } = civilTime(readTime(value));
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${months[month - 1]} ${String(day).padStart(2)} ${two(hour)}:${two(minute)}:${two(second)} ${year} GMT`;
}

/** The parts of a certificate that single options print. */
export function certificateParts(der: Uint8Array) {
  const [content, algorithm, signature] = decodeDer(der).children;
  const [, serial, , issuer, validity, subject, publicKey, list] = content!.children;
  return {
    serial: serial!.content,
    issuer: issuer!,
    notBefore: validity!.children[0]!,
    notAfter: validity!.children[1]!,
    subject: subject!,
    publicKey: publicKey!,
    extensions: list?.children[0]?.children ?? [],
    algorithm: algorithm!,
    signature: signature!.content.subarray(1),
  };
}

/** The parts of a request. */
export function requestParts(der: Uint8Array) {
  const [content, algorithm, signature] = decodeDer(der).children;
  const [, subject, publicKey, list] = content!.children;
  const asked = list?.children.find(({ children: [id] }) => id && readIdentifier(id) === '1.2.840.113549.1.9.14');
  return {
    subject: subject!,
    publicKey: publicKey!,
    extensions: asked?.children[1]?.children[0]?.children ?? [],
    algorithm: algorithm!,
    signature: signature!.content.subarray(1),
  };
}

const algorithmText = (algorithm: DerValue): string => {
  const id = readIdentifier(algorithm.children[0]!);
  return algorithms[id] ?? id;
};

/** Hexadecimal pairs, so many a line, each line but the last ending in a colon. */
function dump(bytes: Uint8Array, perLine: number, indent: string): string[] {
  const pairs = hex(bytes);
  const lines: string[] = [];
  for (let i = 0; i < pairs.length; i += perLine) {
    const rest = i + perLine < pairs.length ? ':' : '';
    lines.push(indent + pairs.slice(i, i + perLine).join(':') + rest);
  }
  return lines;
}

function publicKeyLines(info: DerValue): string[] {
  const bits = info.children[1]!.content.subarray(1);
  const pad = ' '.repeat(12);
  const head = `${' '.repeat(8)}Subject Public Key Info:`;
  if (readIdentifier(info.children[0]!.children[0]!) !== rsa) {
    return [
      head,
      `${pad}Public Key Algorithm: id-ecPublicKey`,
      `${pad}    Public-Key: (256 bit)`,
      `${pad}    pub:`,
      ...dump(bits, 15, ' '.repeat(20)),
      `${pad}    ASN1 OID: prime256v1`,
      `${pad}    NIST CURVE: P-256`,
    ];
  }
  const [modulus, exponent] = decodeDer(bits).children;
  const size = (modulus!.content.length - (modulus!.content[0] === 0 ? 1 : 0)) * 8;
  const value = [...exponent!.content].reduce((sum, byte) => sum * 256 + byte, 0);
  return [
    head,
    `${pad}Public Key Algorithm: rsaEncryption`,
    `${pad}    Public-Key: (${size} bit)`,
    `${pad}    Modulus:`,
    ...dump(modulus!.content, 15, ' '.repeat(20)),
    `${pad}    Exponent: ${value} (0x${value.toString(16)})`,
  ];
}

function bitsText(value: DerValue): string {
  const bytes = value.content.subarray(1);
  return keyUsages.filter((_, i) => (bytes[i >> 3] ?? 0) & (0x80 >> (i & 7))).join(', ');
}

function altNamesText(value: DerValue): string {
  const one = ({ tag, content, bytes }: DerValue): string => {
    if (tag === 0x82) return `DNS:${readText({ tag, content, bytes, children: [] })}`;
    if (tag === 0x87) return `IP Address:${content.join('.')}`;
    return `${tag === 0x81 ? 'email' : 'URI'}:${readText({ tag, content, bytes, children: [] })}`;
  };
  return value.children.map(one).join(', ');
}

function valueText(id: string, value: DerValue): string {
  switch (id) {
    case '2.5.29.15':
      return bitsText(value);
    case '2.5.29.37':
      return value.children.map((usage) => extendedUsages[readIdentifier(usage)] ?? readIdentifier(usage)).join(', ');
    case '2.5.29.19':
      return `CA:${value.children[0]?.content[0] === 0xff ? 'TRUE' : 'FALSE'}`;
    case '2.5.29.14':
      return hex(value.content, true).join(':');
    case '2.5.29.35':
      return hex(value.children[0]?.content ?? new Uint8Array(), true).join(':');
    case '2.5.29.17':
      return altNamesText(value);
    default:
      return hex(value.bytes, true).join(':');
  }
}

/** Extensions by the names that openssl takes. */
const shortNames: Readonly<Record<string, string>> = {
  authorityKeyIdentifier: '2.5.29.35',
  basicConstraints: '2.5.29.19',
  extendedKeyUsage: '2.5.29.37',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  subjectKeyIdentifier: '2.5.29.14',
};

/** The extensions of these names, in the order of the certificate. */
export function chosenExtensions(all: readonly DerValue[], names: readonly string[]): readonly DerValue[] {
  const wanted = names.map((name) => shortNames[name]);
  return all.filter(({ children }) => wanted.includes(readIdentifier(children[0]!)));
}

/** One extension: its name, and its value on the next line. */
export function extensionLines({ children }: DerValue, indent: string): string[] {
  const id = readIdentifier(children[0]!);
  const isCritical = children.length > 2;
  return [
    `${indent}${extensions[id] ?? id}: ${isCritical ? 'critical' : ''}`,
    `${indent}    ${valueText(id, decodeDer(children.at(-1)!.content))}`,
  ];
}

const signatureLines = (algorithm: DerValue, signature: Uint8Array): string[] => [
  `    Signature Algorithm: ${algorithmText(algorithm)}`,
  '    Signature Value:',
  ...dump(signature, 18, ' '.repeat(8)),
];

function serialLines(bytes: Uint8Array): string[] {
  const pairs = hex(bytes);
  const digits = pairs.join('').replace(/^0+(?=.)/, '');
  const pad = ' '.repeat(8);
  if (bytes.length > 8) return [`${pad}Serial Number:`, `${pad}    ${pairs.join(':')}`];
  return [`${pad}Serial Number: ${BigInt(`0x${digits}`)} (0x${digits})`];
}

export function certificateText(der: Uint8Array): string {
  const parts = certificateParts(der);
  const pad = ' '.repeat(8);
  return [
    'Certificate:',
    '    Data:',
    `${pad}Version: 3 (0x2)`,
    ...serialLines(parts.serial),
    `${pad}Signature Algorithm: ${algorithmText(parts.algorithm)}`,
    `${pad}Issuer: ${nameText(parts.issuer)}`,
    `${pad}Validity`,
    `${pad}    Not Before: ${timeText(parts.notBefore)}`,
    `${pad}    Not After : ${timeText(parts.notAfter)}`,
    `${pad}Subject: ${nameText(parts.subject)}`,
    ...publicKeyLines(parts.publicKey),
    ...(parts.extensions.length > 0 ? [`${pad}X509v3 extensions:`] : []),
    ...parts.extensions.flatMap((extension) => extensionLines(extension, ' '.repeat(12))),
    ...signatureLines(parts.algorithm, parts.signature),
    '',
  ].join('\n');
}

export function requestText(der: Uint8Array): string {
  const parts = requestParts(der);
  const pad = ' '.repeat(8);
  const asked = parts.extensions.flatMap((extension) => extensionLines(extension, ' '.repeat(16)));
  return [
    'Certificate Request:',
    '    Data:',
    `${pad}Version: 1 (0x0)`,
    `${pad}Subject: ${nameText(parts.subject)}`,
    ...publicKeyLines(parts.publicKey),
    `${pad}Attributes:`,
    ...(asked.length > 0 ? [`${pad}    Requested Extensions:`, ...asked] : [`${pad}    (none)`]),
    ...signatureLines(parts.algorithm, parts.signature),
    '',
  ].join('\n');
}
