/** Perl: as much of it as the documentation's Job needs, which prints π. */
import type { Call, Program } from '../../kernel/index.ts';
import type { ImageDefinition } from '../image.ts';
import { debianFiles } from '../userland.ts';

/** Digits that are computed and not printed, so that the last printed one is rounded right. */
const guardDigits = 10;
const mostDigits = 20_000;

/** π with so many significant digits, as Math::BigFloat's bpi prints it; by Machin's formula. */
export function bpi(digits: number): string {
  const one = 10n ** BigInt(digits + guardDigits);
  const arctanOfInverse = (x: bigint): bigint => {
    let power = one / x;
    let sum = power;
    for (let n = 3n, sign = -1n; power !== 0n; n += 2n, sign = -sign) {
      power /= x * x;
      sum += (sign * power) / n;
    }
    return sum;
  };
  const pi = 4n * (4n * arctanOfInverse(5n) - arctanOfInverse(239n));
  const unit = 10n ** BigInt(guardDigits + 1);
  const text = String((pi + unit / 2n) / unit);
  return digits === 1 ? text : `${text[0]}.${text.slice(1)}`;
}

/** The value of an expression: a text, a number, or π. */
function evaluate(expression: string, hasBignum: boolean): string | undefined {
  const text = /^(["'])(.*)\1$/s.exec(expression)?.[2];
  if (text !== undefined) return text.replaceAll('\\n', '\n').replaceAll('\\t', '\t');
  if (/^-?\d+(\.\d+)?$/.test(expression)) return expression;
  const digits = Number(/^bpi\(\s*(\d+)\s*\)$/.exec(expression)?.[1]);
  return hasBignum && digits > 0 && digits <= mostDigits ? bpi(digits) : undefined;
}

/** `perl [-w] [-l] [-Mbignum=bpi] -e 'print …'`. */
// Differs from Kubernetes: of Perl there is `print` of a text, a number or bpi(N); any other program ends with an error that says so.
const perl = (version: string): Program =>
  function* (sys): Call<number> {
    let code: string | undefined;
    let addsLine = false;
    let hasBignum = false;
    const args = sys.argv.slice(1);
    while (args.length > 0) {
      const arg = args.shift()!;
      if (arg === '-v' || arg === '--version') {
        yield* sys.print(1, `\nThis is perl 5, version ${version.split('.')[1]}, subversion ${version.split('.')[2]} (v${version})\n\n`);
        return 0;
      }
      if (arg.startsWith('-M')) hasBignum ||= /^-Mbignum=(.*,)?bpi(,|$)/.test(arg);
      else if (/^-[wl]*e?$/.test(arg) && arg !== '-') {
        addsLine ||= arg.includes('l');
        if (arg.endsWith('e')) code = `${code ?? ''}${args.shift() ?? ''}`;
      } else {
        yield* sys.print(2, `Can't open perl script "${arg}": No such file or directory\n`);
        return 2;
      }
    }
    if (code === undefined) {
      yield* sys.print(2, 'perl: this emulator runs perl only with -e\n');
      return 2;
    }
    for (const statement of code.split(';').filter((one) => one.trim() !== '')) {
      const expression = /^\s*print\s+(.+?)\s*$/s.exec(statement)?.[1];
      const value = expression === undefined ? undefined : evaluate(expression, hasBignum);
      if (value === undefined) {
        yield* sys.print(2, `syntax error at -e line 1, near "${statement.trim()}": this emulator knows only print\n`);
        return 255;
      }
      yield* sys.print(1, addsLine ? `${value}\n` : value);
    }
    return 0;
  };

const version = (tag: string, more: readonly string[]) => ({ tags: [tag, ...more], sizeBytes: 340_000_000 });

export const perlImage: ImageDefinition = {
  repository: 'docker.io/library/perl',
  versions: [version('5.42.0', ['5.42', '5', 'latest']), version('5.34.0', ['5.34', '5.34.3']), version('5.36.3', ['5.36'])],
  config: { cmd: ['perl', '-de0'], workingDir: '/usr/src/app' },
  files: (tag, programs) => ({ ...debianFiles(programs), '/usr/local/bin/perl': perl(tag), '/usr/src/app/.keep': '' }),
};
