/**
 * `kubeadm` of a cluster that is there: join and reset of workers, certs, token, config, kubeconfig, upgrade, version (cmd/kubeadm/app).
 *
 * - It knows the machine's files and speaks to the API as whoever a kubeconfig says, as the real one does.
 * - Every command is a `Command`: its flags, how many words it takes, and what it does.
 *
 * Deliberately absent: init, and reset and join of a control plane; phases one by one; `--config`.
 */
import type { Call, Program, Sys } from '../../../emulator/kernel/index.ts';
import { PkiError } from '../../../emulator/cluster/managed-certificates.ts';
import { isErrno } from '../../../emulator/kernel/index.ts';
import { StatusError } from '../../../emulator/machinery/status-error.ts';
import { parseArguments } from '../arguments.ts';
import { certificateKey, checkExpiration, renew } from './certs.ts';
import type { Command, Context } from './command.ts';
import { Fatal } from './command.ts';
import { printConfig, listImages, pullImages } from './config.ts';
import { kubeconfigUser } from './kubeconfig-user.ts';
import { join } from './join/index.ts';
import { reset } from './reset.ts';
import { createToken, deleteToken, generateToken, listTokens } from './token.ts';
import { applyUpgrade } from './upgrade/apply.ts';
import { upgradeNode } from './upgrade/node.ts';
import { planUpgrade } from './upgrade/plan.ts';
import { version } from './version.ts';

/** By the words that name them; a longer name wins. */
const commands: Readonly<Record<string, Command>> = {
  'certs certificate-key': certificateKey,
  'certs check-expiration': checkExpiration,
  'certs renew': renew,
  'config images list': listImages,
  'config images pull': pullImages,
  'config print init-defaults': printConfig('init'),
  'config print join-defaults': printConfig('join'),
  join,
  'kubeconfig user': kubeconfigUser,
  reset,
  'token create': createToken,
  'token delete': deleteToken,
  'token generate': generateToken,
  'token list': listTokens,
  'upgrade apply': applyUpgrade,
  'upgrade node': upgradeNode,
  'upgrade plan': planUpgrade,
  version,
};

const always = {
  '-v': { name: 'v', takesValue: true },
  '--v': { name: 'v', takesValue: true },
  '--rootfs': { name: 'rootfs', takesValue: true },
};

interface Found {
  readonly command: Command;
  readonly args: readonly string[];
}

function find(args: readonly string[]): Found | Fatal {
  for (let length = Math.min(3, args.length); length > 0; length--) {
    const command =
      commands[
        args
          .slice(0, length)
          .join(' ')
          .replace(/^certificates /, 'certs ')
      ];
    if (command) return { command, args: args.slice(length) };
  }
  const [first = '', second] = args;
  const below = Object.keys(commands).filter((name) => name.startsWith(`${first} `));
  if (below.length === 0) return new Fatal(`unknown command "${first}" for "kubeadm"`);
  if (second === undefined) return new Fatal(`missing subcommand; "${first}" is not meant to be run on its own`);
  return new Fatal(`invalid subcommand: "${second}"`);
}

const overview = (): string =>
  `\n    kubeadm: bootstraps a cluster and looks after it.\n\nUsage:\n  kubeadm [command]\n\nAvailable Commands:\n${Object.keys(commands)
    .map((name) => `  ${name}\n`)
    .join('')}`;

export const kubeadm: Program = function* (sys): Call<number> {
  const args = sys.argv.slice(1);
  const isHelp = args.length === 0 || args.some((arg) => arg === '--help' || arg === '-h') || args[0] === 'help';
  if (isHelp) {
    yield* sys.print(1, overview());
    return 0;
  }
  try {
    const found = find(args);
    if (found instanceof Fatal) throw found;
    const { command } = found;
    const parsed = parseArguments(found.args, { ...always, ...command.flags });
    if (parsed.unknown !== undefined)
      throw new Fatal(
        parsed.unknown.startsWith('--')
          ? `unknown flag: ${parsed.unknown}`
          : `unknown shorthand flag: '${parsed.unknown.slice(1)}' in ${parsed.unknown}`,
      );
    if (parsed.words.length > (command.maxWords ?? 0))
      throw new Fatal(`unknown command ${JSON.stringify(parsed.words[command.maxWords ?? 0])} for "kubeadm ${commandName(command)}"`);
    const context: Context = { sys, flags: parsed.flags, words: parsed.words };
    return (yield* command.run(context)) ?? 0;
  } catch (error) {
    return yield* complain(sys, error);
  }
};

const commandName = (command: Command): string => Object.keys(commands).find((name) => commands[name] === command)!;

function* complain(sys: Sys, error: unknown): Call<number> {
  if (!(error instanceof Fatal) && !(error instanceof PkiError) && !(error instanceof StatusError) && !isErrno(error)) throw error;
  yield* sys.print(2, `error: ${error.message}\nTo see the stack trace of this error execute with --v=5 or higher\n`);
  return error instanceof Fatal ? error.exitCode : 1;
}
