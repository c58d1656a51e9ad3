/** Semantic versions: apiserver/pkg/cel/library/semverlib.go. */
import { CelError } from '../errors.ts';
import { define } from '../overload.ts';
import { Opaque } from '../values.ts';

interface Semver {
  readonly numbers: readonly bigint[];
  readonly pre: readonly string[];
}

const type = 'kubernetes.Semver';
const pattern = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/;

/** `normalize` allows a leading v, and missing or padded numbers. */
function parse(text: string, normalize: boolean): Semver | undefined {
  const match = pattern.exec(normalize ? normalized(text) : text);
  if (!match) return undefined;
  return { numbers: match.slice(1, 4).map((part) => BigInt(part!)), pre: match[4]?.split('.') ?? [] };
}

function normalized(text: string): string {
  const match = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(.*)$/.exec(text);
  if (!match) return text;
  const number = (part: string | undefined): string => String(BigInt(part ?? '0'));
  return `${number(match[1])}.${number(match[2])}.${number(match[3])}${match[4]}`;
}

function compare(a: Semver, b: Semver): number {
  for (let i = 0; i < 3; i++) if (a.numbers[i] !== b.numbers[i]) return a.numbers[i]! < b.numbers[i]! ? -1 : 1;
  if (a.pre.length === 0 || b.pre.length === 0) return b.pre.length === a.pre.length ? 0 : a.pre.length === 0 ? 1 : -1;
  for (let i = 0; i < Math.max(a.pre.length, b.pre.length); i++) {
    const [x, y] = [a.pre[i], b.pre[i]];
    if (x === y) continue;
    if (x === undefined || y === undefined) return x === undefined ? -1 : 1;
    const [m, n] = [/^\d+$/.test(x), /^\d+$/.test(y)];
    if (m !== n) return m ? -1 : 1;
    if (m) return BigInt(x) < BigInt(y) ? -1 : 1;
    return x < y ? -1 : 1;
  }
  return 0;
}

function semver(text: string, normalize: boolean): Opaque<Semver> {
  const version = parse(text, normalize);
  if (!version) throw new CelError('No Major.Minor.Patch elements found');
  return new Opaque(type, version, `${version.numbers.join('.')}${version.pre.length > 0 ? `-${version.pre.join('.')}` : ''}`);
}

export const semvers = define({
  [`semver(string): ${type}`]: ([text]) => semver(text, false),
  [`semver(string, bool): ${type}`]: ([text, normalize]) => semver(text, normalize),
  'isSemver(string): bool': ([text]) => parse(text, false) !== undefined,
  'isSemver(string, bool): bool': ([text, normalize]) => parse(text, normalize) !== undefined,
  [`${type}.major(): int`]: ([{ of }]) => of.numbers[0],
  [`${type}.minor(): int`]: ([{ of }]) => of.numbers[1],
  [`${type}.patch(): int`]: ([{ of }]) => of.numbers[2],
  [`${type}.compareTo(${type}): int`]: ([a, b]) => BigInt(compare(a.of, b.of)),
  [`${type}.isGreaterThan(${type}): bool`]: ([a, b]) => compare(a.of, b.of) > 0,
  [`${type}.isLessThan(${type}): bool`]: ([a, b]) => compare(a.of, b.of) < 0,
});
