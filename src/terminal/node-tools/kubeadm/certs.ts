/** `kubeadm certs check-expiration`, `renew` and `certificate-key` (cmd/kubeadm/app/cmd/certs.go). */
import type { Call } from '../../../emulator/kernel/index.ts';
import { civilTime } from '../../../emulator/kernel/index.ts';
import { parseDuration, shortHumanDuration } from '../../../emulator/machinery/duration.ts';
import type { Certificate } from '../../../emulator/machinery/x509/index.ts';
import type { Authority, ManagedCertificate } from '../../../emulator/cluster/managed-certificates.ts';
import {
  authorities,
  authorityOf,
  certificateOf,
  isExternal,
  managed,
  renewInPlace,
  validFor,
} from '../../../emulator/cluster/managed-certificates.ts';
import type { ClusterConfiguration, Command, Context } from './command.ts';
import { announceConfiguration, configurationOrNone, Fatal, value } from './command.ts';
import { columns } from './columns.ts';

const flags = { '--config': value('config'), '--cert-dir': value('cert-dir'), '--kubeconfig': value('kubeconfig') };
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (n: number): string => String(n).padStart(2, '0');
const yearMs = 365 * 86_400_000;

/** `Nov 03, 2026 09:00 UTC`. */
function date(unixMs: number): string {
  const { year, month, day, hour, minute } = civilTime(unixMs);
  return `${months[month - 1]} ${two(day)}, ${year} ${two(hour)}:${two(minute)} UTC`;
}

function* configuration(context: Context, prefix: string): Call<ClusterConfiguration | undefined> {
  const { sys } = context;
  yield* announceConfiguration(sys, prefix);
  const found = yield* configurationOrNone(context);
  yield* sys.print(1, found ? '\n' : `[${prefix}] Error reading configuration from the Cluster. Falling back to default configuration\n\n`);
  return found;
}

export const checkExpiration: Command = {
  flags,
  *run(context) {
    const { sys } = context;
    yield* configuration(context, 'check-expiration');
    const cells = (name: string, certificate: Certificate | undefined, by: Authority, more: readonly string[]): string[] =>
      certificate
        ? [
            name,
            date(certificate.notAfterMs),
            shortHumanDuration(certificate.notAfterMs - sys.kernel.clock.unixMs),
            ...more,
            (isExternal(sys.fs, by) ? 'yes' : 'no').padEnd(8),
          ]
        : [`!MISSING! ${name}`, '', '', ...more.map(() => ''), ''];
    const certificates = managed.map((one) => cells(one.name, certificateOf(sys.fs, one), one.authority, [one.authority.name]));
    const roots = authorities.map((one) => cells(one.name, authorityOf(sys.fs, one), one, []));
    yield* sys.print(
      1,
      `${columns([['CERTIFICATE', 'EXPIRES', 'RESIDUAL TIME', 'CERTIFICATE AUTHORITY', 'EXTERNALLY MANAGED'], ...certificates])}\n${columns(
        [['CERTIFICATE AUTHORITY', 'EXPIRES', 'RESIDUAL TIME', 'EXTERNALLY MANAGED'], ...roots],
      )}`,
    );
    return 0;
  },
};

function* renewOne({ sys }: Context, which: ManagedCertificate, validityMs: number): Call<void> {
  const current = certificateOf(sys.fs, which);
  if (!current) yield* sys.print(1, `MISSING! ${which.longName}\n`);
  else if (isExternal(sys.fs, which.authority))
    yield* sys.print(1, `Detected external ${which.authority.base}, ${which.longName} can't be renewed\n`);
  else {
    renewInPlace(sys, which, current, validFor(sys, which.authority, validityMs));
    yield* sys.print(1, `${which.longName} renewed\n`);
  }
}

export const renew: Command = {
  flags,
  maxWords: 1,
  *run(context) {
    const { sys, words } = context;
    const [name] = words;
    if (name === undefined) throw new Fatal('missing subcommand; "renew" is not meant to be run on its own');
    const one = managed.find((candidate) => candidate.name === name);
    if (!one && name !== 'all') throw new Fatal(`invalid subcommand: "${name}"`);
    const found = yield* configuration(context, 'renew');
    const validityMs = parseDuration(found?.certificateValidityPeriod ?? '') ?? yearMs;
    for (const which of one ? [one] : managed) yield* renewOne(context, which, validityMs);
    if (!one)
      yield* sys.print(
        1,
        '\nDone renewing certificates. You must restart the kube-apiserver, kube-controller-manager, kube-scheduler and etcd, so that they can use the new certificates.\n',
      );
    return 0;
  },
};

/** Random, and used nowhere here: a second control-plane node cannot join. */
export const certificateKey: Command = {
  *run({ sys }) {
    yield* sys.print(1, `${sys.kernel.random.hex(64)}\n`);
    return 0;
  },
};
