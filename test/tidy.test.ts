/** Style as tests: who may import whom, what is banned in the core, how long a file may grow, what each list must hold. */
import fs from 'node:fs';
import path from 'node:path';
import { parseSync } from 'oxc-parser';
import { describe, expect, test } from 'vitest';

const emulator = 'src/emulator';

const at = (...rooms: readonly string[]): readonly string[] => rooms.map((room) => `${emulator}/${room}`);
const base = at('kernel', 'machinery');
/** What everything that talks to the API may use. */
const clients = [...base, ...at('api', 'client')];
const component = [...clients, ...at('control-plane/component-base')];

/** What a room may import besides itself. A longer prefix wins; a room that is not listed here may not exist. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  [`${emulator}/kernel`]: [],
  [`${emulator}/machinery`]: at('kernel', 'api/generated'),
  [`${emulator}/api`]: base,
  [`${emulator}/client`]: [...base, ...at('api', 'control-plane/kube-apiserver/endpoint.ts')],
  [`${emulator}/control-plane/component-base`]: clients,
  [`${emulator}/control-plane/etcd`]: [...base, ...at('control-plane/component-base')],
  [`${emulator}/control-plane/kube-apiserver`]: [...component, ...at('control-plane/etcd')],
  [`${emulator}/control-plane/kube-scheduler`]: component,
  [`${emulator}/control-plane/kube-controller-manager`]: component,
  [`${emulator}/control-plane/cloud-controller-manager`]: component,
  [`${emulator}/node/network`]: base,
  [`${emulator}/node/cni`]: [...base, ...at('node/network')],
  [`${emulator}/node/systemd`]: base,
  [`${emulator}/node/container-runtime`]: [...base, ...at('node/network', 'node/cni', 'images')],
  [`${emulator}/node/kubelet`]: [
    ...component,
    ...at('node/container-runtime', 'node/network', 'node/cni', 'node/systemd', 'images/image.ts'),
  ],
  [`${emulator}/node/network-policy`]: [...component, ...at('node/network')],
  [`${emulator}/node/kube-proxy`]: [...component, ...at('node/network')],
  [`${emulator}/addons`]: [...component, ...at('node/network')],
  // Calico's Felix enforces policies as the agent of the plain bridge does.
  [`${emulator}/addons/pod-network`]: [...component, ...at('node/network', 'node/network-policy')],
  [`${emulator}/images`]: [
    ...base,
    ...at('node/network', 'node/container-runtime/cgroup.ts', 'node/container-runtime/container-machine.ts'),
  ],
  [`${emulator}/cluster`]: [emulator],
  [`${emulator}/faults`]: [emulator],
  'src/terminal': [emulator],
  'src/lab': [emulator, 'src/terminal', 'package.json', 'labs'],
  'src/cli': [emulator, 'src/lab', 'src/terminal'],
  'src/components': ['src/lab', 'src/theme', 'src/css'],
  'src/pages': ['src/components', 'src/lab', 'src/css'],
  'src/theme': ['src/components', 'src/css'],
  'src/bench': [emulator, 'src/cli/serve', 'src/lab', 'src/terminal', 'test/browser'],
  'src/build': [emulator, 'src/lab', 'src/terminal'],
};

/** Host APIs and sources of nondeterminism that the emulator and the terminal must not use. */
const banned: readonly (readonly [RegExp, string])[] = [
  [/\bDate\b(?!:)/, 'Date: take the time from the event loop'],
  [/\bMath\.random\b/, 'Math.random: use the seeded Random'],
  [/\bPromise\b|\basync\b|\bawait\b/, 'promises: block in virtual time'],
  [/\bIntl\b|\blocaleCompare\b|\btoLocale\w+/, 'locale: sort and print by code points'],
  [/\bperformance\./, 'performance'],
  [/\bsetTimeout\b|\bsetInterval\b/, 'timers: use the event loop'],
  [/\bconsole\./, 'console'],
];

interface SourceFile {
  readonly file: string;
  readonly text: string;
  /** The text without comments and strings. */
  readonly code: string;
  readonly imports: readonly { readonly target: string; readonly typeOnly: boolean }[];
}

function sourceFiles(root: string): string[] {
  return (fs.readdirSync(root, { recursive: true }) as string[])
    .map((name) => path.join(root, name))
    .filter((file) => /\.tsx?$/.test(file) && !file.includes('/generated/'));
}

function read(file: string): SourceFile {
  const text = fs.readFileSync(file, 'utf8');
  const { module, comments, program } = parseSync(file, text);
  const imports = [
    ...module.staticImports.map(({ moduleRequest, entries }) => ({
      request: moduleRequest.value,
      typeOnly: entries.length > 0 && entries.every((e) => e.isType),
    })),
  ];
  for (const { entries } of module.staticExports)
    for (const { moduleRequest, isType } of entries) if (moduleRequest) imports.push({ request: moduleRequest.value, typeOnly: isType });
  const relative = imports.filter(({ request }) => request.startsWith('.'));
  return {
    file,
    text,
    code: blank(text, [...comments, ...literals(program)]),
    imports: relative.map(({ request, typeOnly }) => ({ target: path.normalize(path.join(path.dirname(file), request)), typeOnly })),
  };
}

/** String and template literals, wherever they stand in the tree. */
function literals(node: unknown, found: { start: number; end: number }[] = []): { start: number; end: number }[] {
  if (Array.isArray(node)) for (const item of node) literals(item, found);
  else if (typeof node === 'object' && node !== null) {
    const { type, start, end, value } = node as { type?: string; start: number; end: number; value?: unknown };
    if ((type === 'Literal' && typeof value !== 'number') || type === 'TemplateElement') found.push({ start, end });
    for (const child of Object.values(node)) if (typeof child === 'object') literals(child, found);
  }
  return found;
}

function blank(text: string, ranges: readonly { readonly start: number; readonly end: number }[]): string {
  const chars = [...text.split('')];
  for (const { start, end } of ranges) for (let i = start; i < end; i++) if (chars[i] !== '\n') chars[i] = ' ';
  return chars.join('');
}

function roomOf(file: string): string | undefined {
  return Object.keys(rooms)
    .filter((room) => file.startsWith(`${room}/`) || file === room)
    .sort((a, b) => b.length - a.length)[0];
}

const files = sourceFiles('src').map(read);
const production = files.filter(({ file }) => !/\.test\.tsx?$|testing\.ts$|test-machine\.ts$/.test(file));
const core = production.filter(({ file }) => file.startsWith('src/emulator/') || file.startsWith('src/terminal/'));

/** Offenders stand one a line in the failure. */
function expectNone(offenders: readonly string[]): void {
  expect(offenders.join('\n')).toBe('');
}

describe('imports', () => {
  test('every file stands in a room', () => {
    expectNone(files.filter(({ file }) => roomOf(file) === undefined).map(({ file }) => file));
  });

  test('a room imports only from the rooms that it may', () => {
    const wrong = production.flatMap(({ file, imports }) => {
      const room = roomOf(file);
      if (room === undefined) return [];
      const allowed = [room, ...rooms[room]!];
      return imports
        .filter(({ target }) => !allowed.some((prefix) => target === prefix || target.startsWith(`${prefix}/`)))
        .map(({ target }) => `${file} -> ${target}`);
    });
    expectNone(wrong);
  });

  test('controllers, scheduler plugins and verbs do not import their siblings', () => {
    const families = [
      `${emulator}/control-plane/kube-controller-manager`,
      `${emulator}/control-plane/kube-scheduler/plugins`,
      `${emulator}/control-plane/kube-apiserver/admission`,
      'src/terminal/kubectl/commands',
    ];
    const member = (family: string, file: string): string | undefined => {
      const rest = file.startsWith(`${family}/`) ? file.slice(family.length + 1) : '';
      return rest.includes('/') ? rest.split('/')[0] : undefined;
    };
    const wrong = families.flatMap((family) =>
      production.flatMap(({ file, imports }) => {
        const own = member(family, file);
        if (own === undefined) return [];
        return imports.filter(({ target }) => (member(family, target) ?? own) !== own).map(({ target }) => `${file} -> ${target}`);
      }),
    );
    expectNone(wrong);
  });

  test('there are no cycles between files, types apart', () => {
    const graph = new Map(
      production.map(({ file, imports }) => [file, imports.filter(({ typeOnly }) => !typeOnly).map(({ target }) => target)]),
    );
    expectNone(findCycle(graph) ?? []);
  });
});

function findCycle(graph: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): string[] | undefined => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const target of graph.get(file) ?? []) {
      const cycle = visit(target, [...trail, file]);
      if (cycle) return cycle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const cycle = visit(file, []);
    if (cycle) return cycle;
  }
  return undefined;
}

describe('the core', () => {
  test('uses neither the host nor chance', () => {
    const wrong = core.flatMap(({ file, code }) => banned.filter(([pattern]) => pattern.test(code)).map(([, what]) => `${file}: ${what}`));
    expectNone(wrong);
  });
});

describe('files', () => {
  const maxLines = 600;
  test(`have at most ${maxLines} lines`, () => {
    const long = files
      .filter(({ text }) => text.split('\n').length > maxLines + 1)
      .map(({ file, text }) => `${file}: ${text.split('\n').length}`);
    expectNone(long);
  });

  test('are named in kebab-case, components in PascalCase', () => {
    const named = (file: string): boolean =>
      /^([a-z0-9]+(-[a-z0-9]+)*(\.(test|module|d|solutions))?\.ts|[A-Z][A-Za-z0-9]*\.tsx|index\.tsx|[a-z0-9-]+\.tsx)$/.test(
        path.basename(file),
      );
    expectNone(files.filter(({ file }) => !named(file)).map(({ file }) => file));
  });

  test('carry no vague names', () => {
    const vague = /(^|[-/])(utils?|helpers?|managers?|common|misc)([-./]|$)/;
    const upstream = /kube-controller-manager|cloud-controller-manager/g;
    expectNone(files.map(({ file }) => file.replaceAll(upstream, '')).filter((file) => vague.test(file)));
  });

  test('leave no bare TODO', () => {
    expectNone(files.filter(({ text }) => /\b(TODO|FIXME|XXX)\b/.test(text)).map(({ file }) => file));
  });
});

describe('lists', () => {
  /** A folder whose members must each stand in a list. `member` tells what counts. */
  const registers: readonly { readonly folder: string; readonly list: string; readonly member: 'folder' | 'file' }[] = [
    { folder: `${emulator}/control-plane/kube-controller-manager`, list: 'index.ts', member: 'folder' },
    { folder: `${emulator}/control-plane/kube-scheduler/plugins`, list: 'index.ts', member: 'folder' },
    { folder: `${emulator}/control-plane/kube-apiserver/admission`, list: 'index.ts', member: 'folder' },
    { folder: `${emulator}/images`, list: 'index.ts', member: 'folder' },
    { folder: 'src/terminal/kubectl/commands', list: 'index.ts', member: 'folder' },
  ];

  test.each(registers)('$folder: every $member stands in $list', ({ folder, list }) => {
    const text = fs.readFileSync(path.join(folder, list), 'utf8');
    const members = fs
      .readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    expectNone(members.filter((name) => !text.includes(`./${name}/`)));
  });

  test('every kind stands in api/kinds.ts', () => {
    const text = fs.readFileSync(`${emulator}/api/kinds.ts`, 'utf8');
    const kindFiles = core
      .filter(({ file, code }) => file.startsWith(`${emulator}/api/`) && /: Kind<\w+> =/.test(code))
      .map(({ file }) => path.relative(`${emulator}/api`, file));
    expectNone(kindFiles.filter((file) => !text.includes(`./${file}`)));
  });
});
