/**
 * `apt-get`, `apt-cache` and `apt-mark` for the packages of pkgs.k8s.io, which is how kubeadm, the kubelet and kubectl come onto a node.
 *
 * Differs from Kubernetes: there is no other package here, and nothing is downloaded: a package changes the program's file at once.
 */
import { releases } from '../../emulator/cluster/versions.ts';
import { ofRelease, releaseOfProgram } from '../../emulator/control-plane/component-base/release.ts';
import type { Call, FileSystem, Program, Sys } from '../../emulator/kernel/index.ts';
import { programInode, textOf, utf8 } from '../../emulator/kernel/index.ts';

const packages = ['kubeadm', 'kubelet'] as const;
const repository = 'https://pkgs.k8s.io/core:/stable:/v1.34/deb';
const downloadMs = 1500;
const held = '/var/lib/dpkg/held';

/** `1.34.2-1.1`, newest first. */
const available = (): readonly string[] => [...releases.keys()].map((release) => `${release.slice(1)}-1.1`).reverse();

function installed(fs: FileSystem, name: string): string | undefined {
  const inode = fs.find(`/usr/bin/${name}`);
  return inode?.kind === 'file' && inode.program ? `${releaseOfProgram(inode.program).slice(1)}-1.1` : undefined;
}

const heldIn = (fs: FileSystem): Set<string> =>
  new Set(
    fs.find(held)
      ? textOf(fs.readFile(held))
          .split('\n')
          .filter((name) => name !== '')
      : [],
  );

interface Wanted {
  readonly name: string;
  readonly version: string;
}

/** What is asked for on a command line, a version by pattern or the newest; or apt's complaint. */
function wantedOf(words: readonly string[]): readonly Wanted[] | string {
  const wanted: Wanted[] = [];
  for (const word of words) {
    const [name = '', pattern = '*'] = word.split('=');
    if (!(packages as readonly string[]).includes(name)) return `E: Unable to locate package ${name}`;
    const text = pattern.replace(/[.+^$()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
    const version = available().find((candidate) => new RegExp(`^${text}$`).test(candidate));
    if (version === undefined) return `E: Version '${pattern}' for '${name}' was not found`;
    wanted.push({ name, version });
  }
  return wanted;
}

const reading = 'Reading package lists... Done\nBuilding dependency tree... Done\nReading state information... Done\n';

function put(sys: Sys, { name, version }: Wanted): void {
  const path = `/usr/bin/${name}`;
  const inode = sys.fs.find(path);
  if (inode?.kind !== 'file' || !inode.program) return;
  sys.fs.link(path, programInode(ofRelease(`v${version.replace(/-.*/, '')}`, inode.program)));
}

function* install(sys: Sys, words: readonly string[], options: ReadonlySet<string>): Call<number> {
  const wanted = wantedOf(words);
  yield* sys.print(1, reading);
  if (typeof wanted === 'string') {
    yield* sys.print(2, `${wanted}\n`);
    return 100;
  }
  const { fs } = sys;
  const changed = wanted.filter(({ name, version }) => installed(fs, name) !== version);
  const same = wanted.filter((one) => !changed.includes(one));
  yield* sys.print(1, same.map(({ name, version }) => `${name} is already the newest version (${version}).\n`).join(''));
  const kept = changed.filter(({ name }) => heldIn(fs).has(name));
  if (kept.length > 0 && !options.has('--allow-change-held-packages')) {
    yield* sys.print(1, `The following held packages will be changed:\n  ${kept.map(({ name }) => name).join(' ')}\n`);
    yield* sys.print(2, 'E: Held packages were changed and -y was used without --allow-change-held-packages.\n');
    return 100;
  }
  const isDown = ({ name, version }: Wanted): boolean => (installed(fs, name) ?? '') > version;
  const down = changed.filter(isDown);
  if (down.length > 0 && !options.has('--allow-downgrades')) {
    yield* sys.print(1, `The following packages will be DOWNGRADED:\n  ${down.map(({ name }) => name).join(' ')}\n`);
    yield* sys.print(2, 'E: Packages were downgraded and -y was used without --allow-downgrades.\n');
    return 100;
  }
  if (changed.length === 0) {
    yield* sys.print(1, '0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n');
    return 0;
  }
  const before = new Map(changed.map(({ name }) => [name, installed(fs, name)]));
  yield* sys.print(
    1,
    `The following packages will be upgraded:\n  ${changed.map(({ name }) => name).join(' ')}\n${changed.length} upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n`,
  );
  yield* sys.sleep(downloadMs);
  for (const one of changed) {
    const { name, version } = one;
    yield* sys.print(
      1,
      `Preparing to unpack .../${name}_${version}_amd64.deb ...\nUnpacking ${name} (${version}) over (${before.get(name)}) ...\n`,
    );
    put(sys, one);
  }
  yield* sys.print(1, changed.map(({ name, version }) => `Setting up ${name} (${version}) ...\n`).join(''));
  return 0;
}

export const aptGet: Program = function* (sys): Call<number> {
  const [command, ...words] = sys.argv.slice(1).filter((arg) => !arg.startsWith('-'));
  const options = new Set(sys.argv.filter((arg) => arg.startsWith('-')));
  switch (command) {
    case 'update':
      yield* sys.sleep(downloadMs);
      yield* sys.print(1, `Hit:1 ${repository}  InRelease\nReading package lists... Done\n`);
      return 0;
    case 'install':
      return yield* install(sys, words, options);
    default:
      yield* sys.print(2, `E: Invalid operation ${command ?? ''}\n`);
      return 100;
  }
};

/** `apt-cache madison NAME...`. */
export const aptCache: Program = function* (sys): Call<number> {
  const [command, ...names] = sys.argv.slice(1);
  if (command !== 'madison' && command !== 'policy') {
    yield* sys.print(2, `E: Invalid operation ${command ?? ''}\n`);
    return 100;
  }
  for (const name of names) {
    if (!(packages as readonly string[]).includes(name)) {
      yield* sys.print(2, `N: Unable to locate package ${name}\n`);
      continue;
    }
    if (command === 'madison')
      yield* sys.print(
        1,
        available()
          .map((version) => `   ${name} | ${version} | ${repository}  Packages\n`)
          .join(''),
      );
    else yield* sys.print(1, `${name}:\n  Installed: ${installed(sys.fs, name) ?? '(none)'}\n  Candidate: ${available()[0]}\n`);
  }
  return 0;
};

/** `apt-mark hold|unhold|showhold`. */
export const aptMark: Program = function* (sys): Call<number> {
  const [command, ...names] = sys.argv.slice(1);
  const marked = heldIn(sys.fs);
  if (command === 'showhold') {
    yield* sys.print(
      1,
      [...marked]
        .sort()
        .map((name) => `${name}\n`)
        .join(''),
    );
    return 0;
  }
  if (command !== 'hold' && command !== 'unhold') {
    yield* sys.print(2, `E: Invalid operation ${command ?? ''}\n`);
    return 100;
  }
  for (const name of names) {
    if (!(packages as readonly string[]).includes(name)) {
      yield* sys.print(2, `E: Unable to locate package ${name}\nE: No packages found\n`);
      return 100;
    }
    const was = marked.has(name);
    if (command === 'hold') marked.add(name);
    else marked.delete(name);
    const said = command === 'hold' ? (was ? 'was already set on hold' : 'set on hold') : '';
    yield* sys.print(
      1,
      command === 'hold' ? `${name} ${said}.\n` : was ? `Canceled hold on ${name}.\n` : `${name} was already not on hold.\n`,
    );
  }
  sys.fs.writeFile(held, utf8([...marked].map((name) => `${name}\n`).join('')));
  return 0;
};
