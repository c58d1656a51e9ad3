/**
 * More than two hundred files that somebody might hand in who means no good, each with what becomes of it: a reason for which it is
 * refused, or `graded` when it is an attempt like any other that earns nothing by it.
 */
import { gzipSync } from 'fflate';
import { tar, zip } from './testing.ts';
import type { TarMember } from './testing.ts';

export interface HostileFile {
  readonly name: string;
  /** As it is called in the folder of submissions. */
  readonly file: string;
  readonly bytes: () => Uint8Array;
  /** What some reason matches, or `graded`. */
  readonly want: RegExp | 'graded';
}

const graded = 'graded' as const;
const lab = { id: '', version: 1 };
const zeros = (size: number): Uint8Array => new Uint8Array(size);

const ways = [
  '../evil.sh',
  'a/../../evil.sh',
  '/tmp/labs-evil.sh',
  'C:\\evil.sh',
  'c:evil.sh',
  '..\\evil.sh',
  'a\\..\\..\\evil.sh',
  '//host/share/evil.sh',
  '/',
  '../../../../../../etc/cron.d/evil',
  'a/b/../../../evil.sh',
  './../evil.sh',
];
const waysOut = /leads out|is absolute|is empty|nothing in it/;

/** A seeded sequence of bytes: the same on every run. */
function noise(seed: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed * 2654435761 + 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** Puts a number into every local and central header of a zip, at these offsets. */
function patched(bytes: Uint8Array, local: number, central: number, value: number, size: 2 | 4): Uint8Array {
  const copy = new DataView(bytes.slice().buffer);
  for (let at = 0; at + 4 < copy.byteLength; at++) {
    const signature = copy.getUint32(at, true);
    const offset = signature === 0x04034b50 ? local : signature === 0x02014b50 ? central : undefined;
    if (offset === undefined || at + offset + size > copy.byteLength) continue;
    if (size === 2) copy.setUint16(at + offset, value, true);
    else copy.setUint32(at + offset, value, true);
  }
  return new Uint8Array(copy.buffer);
}

function zips(): HostileFile[] {
  const one = zip({ 'first-look.sh': 'kubectl get pods\n'.repeat(200) });
  const many = (count: number): Record<string, string> => Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}.sh`, 'x']));
  const all: (readonly [string, () => Uint8Array, RegExp | 'graded'])[] = [
    ['a bomb of one member', () => zip({ 'first-look.sh': zeros(20 * 1024 * 1024) }), /holds more than/],
    [
      'a bomb of many members',
      () => zip(Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`${i}.sh`, zeros(3 * 1024 * 1024)]))),
      /holds more than/,
    ],
    ['a bomb that claims to be small', () => patched(zip({ 'first-look.sh': zeros(8 * 1024 * 1024) }), 22, 24, 10, 4), /holds more than/],
    ['a bomb that claims no size', () => patched(zip({ 'first-look.sh': zeros(8 * 1024 * 1024) }), 22, 24, 0, 4), /holds more than/],
    ['one that claims four gigabytes', () => patched(one, 22, 24, 0xffffffff, 4), /holds more than/],
    ['too many members', () => zip(many(1200)), /more than 500 files/],
    ['just too many members', () => zip(many(501)), /more than 500 files/],
    ['a zip in a zip', () => zip({ 'first-look.zip': zip({ 'first-look.sh': zeros(1024 * 1024) }) }), /not a submission/],
    ['links', () => zip({ 'first-look.sh': '/etc/passwd' }, 0o120777), /is a symbolic link/],
    ['a link among files', () => zip({ 'a/first-look.sh': '../../../etc/shadow' }, 0o120644), /is a symbolic link/],
    ['a way of packing that nobody knows', () => patched(one, 8, 10, 99, 2), /cannot be inflated|no zip that can be read/],
    ['an empty one', () => zip({}), /no zip, or an empty one/],
    ['a name that is too long', () => zip({ [`${'a/'.repeat(300)}x.sh`]: 'x' }), /too long/],
    ['a name with a zero byte', () => zip({ 'first-look.sh\0.png': 'x' }), /zero byte/],
    ['names as properties', () => zip({ 'constructor/prototype': 'x', '__proto__/a': 'x' }), /which lab|not a submission|empty one/],
    [
      'JavaScript',
      () => zip({ 'checks.ts': 'process.exit(0)', 'package.json': '{"scripts":{"prepare":"touch /tmp/labs-evil"}}' }),
      /not a submission|expected/,
    ],
    [
      'a member that is damaged',
      () => {
        const bytes = one.slice();
        bytes.fill(0xff, 50, 70);
        return bytes;
      },
      /cannot be inflated|no zip/,
    ],
    ...ways.map((way) => [`the way out ${JSON.stringify(way)}`, () => zip({ [way]: 'touch /tmp/labs-evil\n' }), waysOut] as const),
    ...[1, 10, 29, 30, 45, 60].map((at) => [`one that ends at byte ${at}`, () => one.slice(0, at), /no zip|nothing in it/] as const),
    ...Array.from({ length: 16 }, (_, i) => 20 + i).map((seed) => [`noise ${seed}`, () => noise(seed, 3000), /no zip/] as const),
    ...[9, 10, 11, 12].map(
      (seed) =>
        [
          `noise behind a header ${seed}`,
          () => Buffer.concat([one.slice(0, 43), noise(seed, 2000)]),
          /cannot be inflated|no zip|holds more|nothing in it/,
        ] as const,
    ),
  ];
  return all.map(([name, bytes, want], i) => ({ name: `zip: ${name}`, file: `zip-${i}.zip`, bytes, want }));
}

function tars(): HostileFile[] {
  const member = (change: Partial<TarMember>): TarMember => ({ name: 'first-look.sh', text: 'true\n', ...change });
  const broken = (at: number, text: string): Uint8Array => {
    const bytes = Buffer.from(tar([member({})]));
    bytes.write(text, at);
    return bytes;
  };
  const all: (readonly [string, () => Uint8Array, RegExp | 'graded'])[] = [
    ['a hard link', () => tar([member({ type: '1', link: '/etc/passwd' })]), /is a link/],
    ['a symbolic link', () => tar([member({ type: '2', link: '/etc/passwd' })]), /is a link/],
    [
      'a link and a file through it',
      () => tar([member({ name: 'd', type: '2', link: '/tmp' }), member({ name: 'd/labs-evil' })]),
      /is a link/,
    ],
    ...['3', '4', '6', 'S', 'V', 'M'].map(
      (type) => [`a member of type ${type}`, () => tar([member({ type })]), /neither a file nor a folder/] as const,
    ),
    ['a member that claims more than there is', () => tar([member({ size: 1_000_000 })]), /ends too early/],
    ['a member that claims eight gigabytes', () => tar([member({ size: 8 ** 11 - 1 })]), /ends too early/],
    ['a size in base 256', () => broken(124, '\x80\0\0\0\0\0\0\x7f\xff\xff\xff\xff'), /no tar that can be read|ends too early/],
    ['a size below zero', () => broken(124, '-0000000001\0'), /no tar that can be read/],
    ['a checksum that is wrong', () => broken(0, 'x'), /no tar that can be read/],
    ['too many members', () => tar(Array.from({ length: 600 }, (_, i) => member({ name: `${i}.sh` }))), /more than 500 files/],
    ['the same name twice', () => tar([member({}), member({})]), /twice/],
    ['a bomb in gzip', () => gzipSync(zeros(20 * 1024 * 1024)), /holds more than/],
    ['a file that is too big', () => tar([member({ text: 'x'.repeat(5 * 1024 * 1024) })]), /holds more than/],
    ['a gzip that is cut', () => gzipSync(tar([member({})])).slice(0, 40), /no gzip|no tar/],
    ['nothing', () => zeros(0), /no tar, or an empty one/],
    ['zeros', () => zeros(10_240), /no tar, or an empty one/],
    ['a long name that leads out', () => tar([{ name: '././@LongLink', type: 'L', text: '../../evil.sh\0' }, member({})]), /leads out/],
    ['a pax name that leads out', () => tar([{ name: 'x', type: 'x', text: '22 path=../../evil.sh\n' }, member({})]), /leads out/],
    ['folders that lead out', () => tar([member({ name: '../../evil/', type: '5', text: '' })]), /leads out/],
    ...ways
      .filter((way) => way !== '/')
      .map((way) => [`the way out ${JSON.stringify(way)}`, () => tar([member({ name: way })]), waysOut] as const),
    ...Array.from({ length: 12 }, (_, i) => 40 + i).map((seed) => [`noise ${seed}`, () => noise(seed, 4096), /no tar/] as const),
    ...[7, 8].map(
      (seed) =>
        [
          `noise in gzip ${seed}`,
          () => Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]), noise(seed, 2000)]),
          /no gzip|no tar/,
        ] as const,
    ),
  ];
  return all.map(([name, bytes, want], i) => ({ name: `tar: ${name}`, file: `tar-${i}.tar.gz`, bytes, want }));
}

function records(labId: string): HostileFile[] {
  const good = {
    schema: 'labs/submission/v1',
    lab: { ...lab, id: labId },
    emulator: '0.1.0',
    seed: 1,
    startedAt: '',
    events: [] as unknown[],
    endedMs: 1000,
    help: { hints: [], solutionViewed: false },
  };
  const terminal = 'control-plane';
  const typed = (...events: unknown[]): unknown => ({ ...good, events: [{ t: 1, terminal, open: terminal }, ...events] });
  const all: (readonly [string, unknown, RegExp | 'graded'])[] = [
    [
      'a forged score',
      { ...good, score: 100, earned: 7, tasks: [{ id: 'hello', state: 'green', earned: 7 }], labs: [{ earned: 7 }] },
      graded,
    ],
    ["another's identity", { ...good, learner: { id: 'ann' }, student: 'ann', email: 'ann@example.org' }, graded],
    ['a prototype by its key', `{"__proto__":{"polluted":true},${JSON.stringify(good).slice(1)}`, graded],
    [
      'a prototype inside',
      JSON.stringify(good).replace('"events":[]', '"events":[],"constructor":{"prototype":{"polluted":true}}'),
      graded,
    ],
    ['an event with a prototype', JSON.stringify(typed()).replace('"t":1', '"__proto__":{"polluted":true},"t":1'), graded],
    ['a terminal called as a property', typed({ t: 2, terminal: '__proto__', input: 'x' }), graded],
    ['a file written over the machine', typed({ t: 2, terminal, file: '/../../../../../../tmp/labs-evil', content: 'x' }), graded],
    ['a file where a folder is', typed({ t: 2, terminal, file: '/etc', content: 'x' }), graded],
    ['a file with an empty name', typed({ t: 2, terminal, file: '', content: 'x' }), graded],
    ['a file with a zero byte', typed({ t: 2, terminal, file: '/tmp/a\0b', content: '\0' }), graded],
    ['a thousand terminals', typed(...Array.from({ length: 1000 }, (_, i) => ({ t: 2, terminal: `t${i}`, open: terminal }))), graded],
    ['keys that are no text', typed({ t: 2, terminal, input: '\u0000\u0001\u001b[201~\ud800\uffff' }), graded],
    ['a whole megabyte of keys', typed({ t: 2, terminal, input: 'x'.repeat(1_000_000) }), /more than 65536 keys/],
    ['signals by the hundred', typed(...Array.from({ length: 300 }, () => ({ t: 2, terminal, signal: 'SIGINT' }))), graded],
    [
      'a screen that changes all the time',
      typed(...Array.from({ length: 300 }, (_, i) => ({ t: 2, terminal, resize: [1 + i, 1] }))),
      graded,
    ],
    ['a time between two', typed({ t: 2.5, terminal, input: 'ls\r' }), graded],
    ['the end of time', { ...good, endedMs: 86_400_000 }, graded],
    ['a seed as big as can be', { ...good, seed: 2 ** 31 - 1 }, graded],
    ['hints that are no hints', { ...good, help: { hints: [{ a: 1 }, '<script>', 'x'.repeat(10_000)], solutionViewed: 'yes' } }, graded],
    ['a machine that is not there', typed({ t: 2, terminal: 'x', open: '../../etc' }), /uses the machine/],
    ['a machine called as a property', typed({ t: 2, terminal: 'x', open: 'constructor' }), /uses the machine/],
    [
      'too many events',
      { ...good, events: Array.from({ length: 100_001 }, () => ({ t: 1, terminal: '', input: '' })) },
      /more than 100000/,
    ],
    ['nesting without end', `${'['.repeat(200_000)}`, /not JSON/],
    ['nesting with an end', `${'['.repeat(5000)}${']'.repeat(5000)}`, /not a JSON object/],
    ['a lab of another course', { ...good, lab: { id: '../../labs', version: 1 } }, /not graded here/],
    ['a lab called as a property', { ...good, lab: { id: '__proto__', version: 1 } }, /not graded here/],
    ['a lab from the future', { ...good, lab: { id: labId, version: 99 } }, /made for version 99/],
    ['a course from the future', { ...good, emulator: '99.0.0' }, /made by version 99\.0\.0/],
    ['a version that is a program', { ...good, emulator: '0.1.0; touch /tmp/labs-evil' }, /not a version/],
    ['escape sequences for a schema', { ...good, schema: '\u001b]0;pwned\u0007\u001b[2J' }, /its schema is/],
    ['HTML for a schema', { ...good, schema: '<img src=x onerror=alert(1)>' }, /its schema is/],
    ['a formula for a schema', { ...good, schema: '=HYPERLINK("http://x")' }, /its schema is/],
    ['a seed below zero', { ...good, seed: -1 }, /seed/],
    ['a seed of infinite size', JSON.stringify(good).replace('"seed":1', '"seed":1e999'), /seed/],
    [
      'time that goes back',
      {
        ...good,
        events: [
          { t: 5, terminal, input: '' },
          { t: 1, terminal, input: '' },
        ],
      },
      /back in time/,
    ],
    ['an event next week', { ...good, events: [{ t: 6e8, terminal, input: '' }] }, /later than a day/],
    ['a screen as wide as the world', typed({ t: 2, terminal, resize: [1e9, 1e9] }), /neither input/],
    ['a signal to everything', typed({ t: 2, terminal, signal: 'SIGKILL' }), /no key sends/],
    ['code for an event', typed({ t: 2, terminal, eval: 'process.exit()' }), /neither input/],
    ['an end in the year 2100', { ...good, endedMs: 1e15 }, /endedMs/],
    ['text', '"labs/submission/v1"', /not a JSON object/],
    ['nothing', '', /not JSON/],
    ['null', 'null', /not a JSON object/],
    ['JSON that stops', JSON.stringify(good).slice(0, 60), /not JSON/],
    ['JavaScript instead', '(function(){process.exit(1)})()', /not JSON/],
  ];
  return all.map(([name, value, want], i) => ({
    name: `record: ${name}`,
    file: `record-${i}.json`,
    bytes: () => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
    want,
  }));
}

function manifests(): HostileFile[] {
  const laughs = `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefghij'].map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghij'[i]}`).join(',')}]`).join('\n')}\n`;
  const pod = (extra: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata:\n  name: hello\n${extra}spec:\n  containers: [{ name: web, image: nginx }]\n`;
  const all: (readonly [string, string])[] = [
    ['a billion laughs', laughs],
    ['an alias of itself', 'a: &a [*a]\n'],
    [
      'merges of merges',
      `x: &x {a: 1}\n${Array.from({ length: 200 }, (_, i) => `y${i}: &y${i} {<<: [*x${i > 0 ? `, *y${i - 1}` : ''}]}`).join('\n')}\n`,
    ],
    ['nesting in flow', `${'['.repeat(30_000)}`],
    ['nesting in maps', `${'{a: '.repeat(10_000)}`],
    ['nesting in blocks', Array.from({ length: 500 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
    ['a function', 'a: !!js/function "function(){process.exit()}"\n'],
    ['an object of Python', '!!python/object/apply:os.system ["touch /tmp/labs-evil"]\n'],
    ['a prototype', '__proto__: { polluted: true }\nconstructor: { prototype: { polluted: true } }\nkind: Pod\napiVersion: v1\n'],
    ['labels of a prototype', pod('  labels: { __proto__: x, constructor: y }\n')],
    ['a name with HTML', pod('').replace('hello', '"<script>alert(1)</script>"')],
    ['a name with escape sequences', pod('').replace('hello', '"\\e]0;x\\a\\e[2J"')],
    ['annotations with formulas', pod('  annotations: { a: "=cmd|\'/c calc\'!A1" }\n')],
    ['a kind called as a property', 'apiVersion: v1\nkind: __proto__\nmetadata: { name: a }\n'],
    ['a thousand documents', '---\nkind: ConfigMap\napiVersion: v1\nmetadata: { name: a }\n'.repeat(300)],
    ['a number without end', `a: ${'9'.repeat(100_000)}\n`],
    ['a key without end', `? ${'x'.repeat(100_000)}\n: y\n`],
    ['a byte order mark and a zero', '\ufeffa: "\\0"\n\0'],
  ];
  return all.map(([name, text], i) => ({
    name: `manifest: ${name}`,
    file: `manifest-${i}.yaml`,
    bytes: () => Buffer.from(text),
    want: graded,
  }));
}

function scripts(): HostileFile[] {
  const all: readonly (readonly [string, string])[] = [
    ['a loop', 'while true; do :; done\n'],
    ['a loop that sleeps', 'while true; do sleep 1; done\n'],
    ['output without end', 'yes\n'],
    ['zeros without end', 'cat /dev/zero > /dev/null\n'],
    ['processes without end', ':(){ :|:& };:\n'],
    ['memory without end', 'x=aaaaaaaaaa; while true; do x=$x$x; done\n'],
    ['functions without end', 'f() { f; }; f\n'],
    ['the host', 'cat /proc/1/environ /etc/shadow; ls /work /home; touch /tmp/labs-evil; node -e "process.exit(1)"; python3 -c "x"\n'],
    ['the network', 'curl -s http://169.254.169.254/latest/meta-data/; curl file:///etc/passwd; wget http://localhost:6443\n'],
    ['escape sequences', "printf '\\033]0;pwned\\007\\033[2J'; kubectl create configmap $'\\033[31m'\n"],
    ['HTML for a name', "kubectl create configmap '<script>alert(1)</script>'; kubectl create ns '=1+1'\n"],
    ['a line of a megabyte', `echo ${'x'.repeat(1_000_000)}\n`],
    ['brackets without end', `${'('.repeat(3000)}\n`],
    ['substitutions without end', `${'$('.repeat(1000)}\n`],
    ['a here-document without end', `cat <<EOF\n${'x\n'.repeat(1000)}`],
    ['zero bytes', 'echo a\0b\0\n'],
    ['the grader by name', 'kill -9 -1; kill -9 1; poweroff; rm -rf / --no-preserve-root\n'],
  ];
  return all.map(([name, text], i) => ({ name: `script: ${name}`, file: `script-${i}.sh`, bytes: () => Buffer.from(text), want: graded }));
}

function others(): HostileFile[] {
  const names = [
    'evil.js',
    'checks.ts',
    'overlay.mjs',
    'lab.exe',
    '=1+1.csv',
    '<img src=x>.html',
    '\u001b[31mred.bin',
    '-rf',
    'a\nb.js',
    '\u202egnp.sh.exe',
    "'; drop table.db",
    '$(touch labs-evil).js',
    '%00.js',
    '@SUM(1).xlsx',
    '::error::x.log',
  ];
  const strange: readonly HostileFile[] = [
    { name: 'other: no text', file: 'latin.sh', bytes: () => Buffer.from([0x65, 0xff, 0xfe, 0xe9]), want: /not text in UTF-8/ },
    { name: 'other: forty megabytes', file: 'huge.sh', bytes: () => zeros(40 * 1024 * 1024), want: /more than 33554432/ },
    { name: 'other: five megabytes', file: 'big.sh', bytes: () => zeros(5 * 1024 * 1024), want: /holds more than/ },
  ];
  return [
    ...names.map((file) => ({
      name: `other: ${JSON.stringify(file)}`,
      file,
      bytes: () => Buffer.from('process.exit(7)'),
      want: /not a submission/,
    })),
    ...strange,
  ];
}

export function hostileFiles(labId: string): readonly HostileFile[] {
  return [...zips(), ...tars(), ...records(labId), ...manifests(), ...scripts(), ...others()];
}
