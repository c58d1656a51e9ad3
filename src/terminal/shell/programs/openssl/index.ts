/**
 * openssl, as much of it as a reader of this course types: keys, requests for certificates, and looking at certificates.
 *
 * Differs from Kubernetes: keys are P-256 whatever kind is asked for, which openssl says when it makes one; of a subject
 * only the common name and the organizations can be written.
 */
import { base64, bytesOf, Errno, readAll, textOf, utf8 } from '../../../../emulator/kernel/index.ts';
import type { Call, Program, Sys } from '../../../../emulator/kernel/index.ts';
import type { KeyPair, Subject } from '../../../../emulator/machinery/x509/index.ts';
import {
  certify,
  createKeyPair,
  createSigningRequest,
  parseCertificates,
  parseKeyPair,
  parsePem,
  parseSigningRequest,
} from '../../../../emulator/machinery/x509/index.ts';
import {
  certificateParts,
  certificateText,
  chosenExtensions,
  extensionLines,
  nameText,
  requestParts,
  requestText,
  timeText,
} from './text.ts';

import { connectAndShow } from './s-client.ts';
import { subjectText, verifyCertificate } from './verification.ts';

const dayMs = 86_400_000;

/** Ends the command with a line on standard error. */
class Failure extends Error {}

/** Words after a subcommand: options with a value, flags, and the rest. */
interface Words {
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly rest: readonly string[];
  has(flag: string): boolean;
  value(name: string): string | undefined;
}

function read(args: readonly string[], withValue: readonly string[]): Words {
  const values = new Map<string, string[]>();
  const rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const word = args[i]!;
    if (!/^--?\w/.test(word)) {
      rest.push(word);
      continue;
    }
    const name = word.replace(/^--?/, '');
    const takes = withValue.includes(name);
    if (takes && args[i + 1] === undefined) throw new Failure(`Option -${name} needs a value`);
    values.set(name, [...(values.get(name) ?? []), takes ? args[++i]! : '']);
  }
  return { values, rest, has: (flag) => values.has(flag), value: (name) => values.get(name)?.at(-1) };
}

function* readFile(sys: Sys, path: string | undefined, what: string): Call<string> {
  if (path === undefined) return textOf(yield* readAll(sys, 0));
  try {
    const fd = sys.open(path, 'read');
    const text = textOf(yield* readAll(sys, fd));
    sys.fds.close(fd);
    return text;
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    throw new Failure(`Could not open file or uri for loading ${what} from ${path}: ${error.message}`);
  }
}

function* write(sys: Sys, path: string | undefined, text: string): Call<void> {
  if (path === undefined) {
    yield* sys.print(1, text);
    return;
  }
  try {
    const fd = sys.open(path, 'write');
    yield* sys.write(fd, utf8(text));
    sys.fds.close(fd);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    throw new Failure(`Can't open "${path}" for writing, ${error.message}`);
  }
}

function* newKey(sys: Sys, kind: string): Call<KeyPair> {
  if (!/^(ec|p-?256|prime256v1)/i.test(kind)) yield* sys.print(2, `note: this emulator makes a P-256 key in place of ${kind}\n`);
  return createKeyPair(sys.kernel.random);
}

function* genrsa(sys: Sys, args: readonly string[]): Call<undefined> {
  const words = read(args, ['out', 'f4']);
  const key = yield* newKey(sys, `RSA of ${words.rest[0] ?? 2048} bits`);
  yield* write(sys, words.value('out'), key.pem);
}

function* genpkey(sys: Sys, args: readonly string[]): Call<undefined> {
  const words = read(args, ['algorithm', 'pkeyopt', 'out']);
  const key = yield* newKey(sys, words.value('algorithm') ?? 'RSA');
  yield* write(sys, words.value('out'), key.pem);
}

function* ecparam(sys: Sys, args: readonly string[]): Call<undefined> {
  const words = read(args, ['name', 'out']);
  if (!words.has('genkey')) throw new Failure('ecparam: only -genkey is known here');
  const key = yield* newKey(sys, words.value('name') ?? '');
  yield* write(sys, words.value('out'), key.pem);
}

/** `/CN=jane/O=dev`. Throws for attributes that cannot be written. */
function subjectOf(text: string): Subject {
  if (!text.startsWith('/')) throw new Failure(`req: subject name is expected to be in the format /type0=value0/type1=value1/...`);
  let commonName = '';
  const organizations: string[] = [];
  for (const part of text.slice(1).split(/(?<!\\)\//)) {
    const [name, value = ''] = part.split(/=(.*)/s) as [string, string?];
    if (name === 'CN') commonName = value;
    else if (name === 'O') organizations.push(value);
    else throw new Failure(`req: this emulator cannot write the attribute ${name} of a subject`);
  }
  return { commonName, organizations };
}

/** What `-addext subjectAltName=DNS:a,IP:1.2.3.4` asks for. */
function altNamesOf(additions: readonly string[]): { readonly dnsNames: string[]; readonly ips: string[] } {
  const names = additions.flatMap((text) => (text.startsWith('subjectAltName=') ? text.slice(15).split(/\s*,\s*/) : []));
  const of = (kind: string): string[] => names.flatMap((name) => (name.startsWith(kind) ? [name.slice(kind.length)] : []));
  return { dnsNames: of('DNS:'), ips: of('IP:') };
}

/** `req -x509`: the certificate of an authority of one's own. */
function selfSigned(sys: Sys, pem: string, key: KeyPair, days: number): string {
  const asked = parseSigningRequest(pem);
  if ('problem' in asked) throw new Failure(asked.problem);
  const nowMs = sys.kernel.clock.unixMs;
  return certify(asked.request, {
    authority: { certificate: asked.request, key },
    serialNumber: `4${sys.kernel.random.hex(39)}`,
    notBeforeMs: nowMs,
    notAfterMs: nowMs + days * dayMs,
    usages: [],
    keyUsage: [],
    isCA: true,
  });
}

function* req(sys: Sys, args: readonly string[]): Call<number> {
  const words = read(args, ['key', 'out', 'in', 'subj', 'addext', 'newkey', 'keyout', 'config', 'days', 'pkeyopt']);
  if (words.has('new') || words.has('newkey') || words.has('x509')) {
    const path = words.value('key');
    let key = path === undefined ? undefined : parseKeyPair(yield* readFile(sys, path, 'private key'));
    if (path !== undefined && !key) throw new Failure(`Could not read private key from ${path}`);
    if (!key) {
      key = yield* newKey(sys, words.value('newkey') ?? 'RSA');
      yield* write(sys, words.value('keyout') ?? 'privkey.pem', key.pem);
    }
    const subject = words.value('subj');
    if (subject === undefined) throw new Failure('req: there is nobody to ask for a subject here: give one with -subj');
    const request = createSigningRequest(key, { subject: subjectOf(subject), ...altNamesOf(words.values.get('addext') ?? []) });
    yield* write(sys, words.value('out'), words.has('x509') ? selfSigned(sys, request, key, Number(words.value('days') ?? 30)) : request);
    return 0;
  }
  const pem = yield* readFile(sys, words.value('in'), 'X509 request');
  const [block] = parsePem(pem);
  const asked = parseSigningRequest(pem);
  if (block?.type !== 'CERTIFICATE REQUEST') throw new Failure('Unable to load X509 request');
  if (words.has('verify')) yield* sys.print(2, `Certificate request self-signature verify ${'problem' in asked ? 'failure' : 'OK'}\n`);
  if (words.has('text')) yield* sys.print(1, requestText(block.bytes));
  if (words.has('subject')) yield* sys.print(1, `subject=${nameText(requestParts(block.bytes).subject)}\n`);
  if (!words.has('noout')) yield* write(sys, words.value('out'), pem);
  return 'problem' in asked && words.has('verify') ? 1 : 0;
}

/** `x509 -req`: signs a request with an authority whose key lies on this machine. */
function* sign(sys: Sys, words: Words): Call<undefined> {
  const asked = parseSigningRequest(yield* readFile(sys, words.value('in'), 'certificate request input'));
  if ('problem' in asked) throw new Failure(`Unable to load X509 request: ${asked.problem}`);
  const [authority] = parseCertificates(yield* readFile(sys, words.value('CA') ?? '', 'CA certificate'));
  const key = parseKeyPair(yield* readFile(sys, words.value('CAkey') ?? words.value('CA'), 'CA private key'));
  if (!authority || !key) throw new Failure('Could not read CA certificate or its private key');
  if (!key.publicKey.every((byte, i) => byte === authority.publicKey[i]))
    throw new Failure('CA certificate and CA private key do not match');
  yield* sys.print(2, 'Certificate request self-signature ok\n');
  const [block] = parsePem(yield* readFile(sys, words.value('in'), 'certificate request input'));
  yield* sys.print(2, `subject=${nameText(requestParts(block!.bytes).subject)}\n`);
  const nowMs = sys.kernel.clock.unixMs;
  const pem = certify(asked.request, {
    authority: { certificate: authority, key },
    serialNumber: `4${sys.kernel.random.hex(39)}`,
    notBeforeMs: nowMs,
    notAfterMs: nowMs + Number(words.value('days') ?? 30) * dayMs,
    // Differs from Kubernetes: openssl writes no usages unless a file of extensions names them, and the API server asks for this one.
    usages: ['client auth'],
    keyUsage: [true, false, true],
  });
  yield* write(sys, words.value('out'), pem);
}

function* x509(sys: Sys, args: readonly string[]): Call<number | undefined> {
  const words = read(args, ['in', 'out', 'CA', 'CAkey', 'days', 'CAserial', 'extfile', 'extensions', 'ext', 'checkend']);
  if (words.has('req')) return yield* sign(sys, words);
  const pem = yield* readFile(sys, words.value('in'), 'certificate');
  const [certificate] = parseCertificates(pem);
  if (!certificate) throw new Failure(`Could not read certificate from ${words.value('in') ?? '<stdin>'}`);
  const parts = certificateParts(certificate.der);
  const print = function* (flag: string, text: () => string): Call<void> {
    if (words.has(flag)) yield* sys.print(1, text());
  };
  yield* print('text', () => certificateText(certificate.der));
  yield* print('serial', () => `serial=${certificate.serialNumber.toUpperCase()}\n`);
  yield* print('subject', () => `subject=${nameText(parts.subject)}\n`);
  yield* print('issuer', () => `issuer=${nameText(parts.issuer)}\n`);
  if (words.has('dates') || words.has('startdate')) yield* sys.print(1, `notBefore=${timeText(parts.notBefore)}\n`);
  if (words.has('dates') || words.has('enddate')) yield* sys.print(1, `notAfter=${timeText(parts.notAfter)}\n`);
  yield* print('ext', () => {
    const chosen = chosenExtensions(parts.extensions, words.value('ext')!.split(','));
    return `${chosen.flatMap((extension) => extensionLines(extension, '')).join('\n')}\n`;
  });
  const aheadSeconds = words.value('checkend');
  const isEnding = aheadSeconds !== undefined && certificate.notAfterMs < sys.kernel.clock.unixMs + Number(aheadSeconds) * 1000;
  if (aheadSeconds !== undefined) yield* sys.print(1, `Certificate will ${isEnding ? '' : 'not '}expire\n`);
  if (!words.has('noout')) yield* write(sys, words.value('out'), certificate.pem);
  return isEnding ? 1 : 0;
}

function* verify(sys: Sys, args: readonly string[]): Call<number> {
  const words = read(args, ['CAfile']);
  const authorities = parseCertificates(yield* readFile(sys, words.value('CAfile') ?? '', 'certificates'));
  let status = 0;
  for (const path of words.rest) {
    const [certificate] = parseCertificates(yield* readFile(sys, path, 'certificate file'));
    if (!certificate) {
      yield* sys.print(2, `unable to load certificate\nerror ${path}: verification failed\n`);
      status = 2;
      continue;
    }
    const { problems } = verifyCertificate(certificate, authorities, { nowMs: sys.kernel.clock.unixMs });
    if (problems.length === 0) yield* sys.print(1, `${path}: OK\n`);
    else {
      // Without an authority it does not get as far as the times.
      for (const { code, depth, text, certificate: at } of problems.some((one) => one.code === 20) ? problems.slice(0, 1) : problems)
        yield* sys.print(2, `${subjectText(at)}\nerror ${code} at ${depth} depth lookup: ${text}\n`);
      yield* sys.print(2, `error ${path}: verification failed\n`);
      status = 2;
    }
  }
  return status;
}

function* sClient(sys: Sys, args: readonly string[]): Call<number> {
  const words = read(args, ['connect', 'servername', 'CAfile', 'cert', 'key', 'alpn']);
  const target = words.value('connect') ?? words.rest[0] ?? 'localhost:4433';
  const [, host = '', port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(target) ?? [];
  if (host === '') throw new Failure(`s_client: -connect argument or target parameter malformed or ambiguous`);
  const [cafile, cert] = [words.value('CAfile'), words.value('cert')];
  return yield* connectAndShow(sys, {
    host,
    port: Number(port),
    serverName: words.value('servername'),
    authorities: cafile === undefined ? [] : parseCertificates(yield* readFile(sys, cafile, 'certificates')),
    own: cert === undefined ? undefined : parseCertificates(yield* readFile(sys, cert, 'client certificate file'))[0],
    showsAll: words.has('showcerts'),
  });
}

function* rand(sys: Sys, args: readonly string[]): Call<undefined> {
  const words = read(args, ['out']);
  const digits = sys.kernel.random.hex(2 * Number(words.rest[0] ?? 0));
  const bytes = Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  yield* write(sys, words.value('out'), words.has('hex') ? `${digits}\n` : `${base64(bytesOf(bytes))}\n`);
}

const commands: Readonly<Record<string, (sys: Sys, args: readonly string[]) => Call<number | undefined>>> = {
  ecparam,
  genpkey,
  genrsa,
  rand,
  req,
  s_client: sClient,
  verify,
  x509,
  *version(sys) {
    yield* sys.print(1, 'OpenSSL 3.0.19 27 Jan 2026 (Library: OpenSSL 3.0.19 27 Jan 2026)\n');
    return undefined;
  },
};

export const openssl: Program = function* (sys) {
  const [name = '', ...args] = sys.argv.slice(1);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    yield* sys.print(2, `Invalid command '${name}'; type "help" for a list.\n`);
    return 1;
  }
  try {
    return (yield* command(sys, args)) ?? 0;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    yield* sys.print(2, `${error.message}\n`);
    return 1;
  }
};
