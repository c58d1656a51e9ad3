import { Command, Option } from 'commander';
import type { CniChoice } from '../../emulator/cluster/index.ts';
import { cniChoices } from '../../emulator/cluster/index.ts';
import { bytesOf, Errno, toUint8Array, utf8 } from '../../emulator/kernel/index.ts';
import { startScript } from '../../lab/script.ts';
import { newSession } from '../new-session.ts';
import { openLab, parseCount, parseDuration, readBytes, readText } from '../options.ts';
import { UsageError } from '../usage-error.ts';
import { writeOutput } from '../write-output.ts';

interface RunOptions {
  readonly lab?: string;
  readonly nodes?: number;
  readonly controlPlanes?: number;
  readonly dualStack?: boolean;
  readonly ipv6?: boolean;
  readonly cni?: CniChoice;
  readonly seed?: number;
  readonly think: number;
  readonly limit: number;
  readonly file: readonly string[];
  readonly echo?: boolean;
}

/** As timeout(1) exits. */
const timedOut = 124;

export const run = new Command('run')
  .description("Run shell input line by line in a fresh cluster, in virtual time, and exit with the last command's status")
  .argument('<script>', 'a file of shell input')
  .option('--lab <lab>', "begin with this lab's cluster")
  .option('--nodes <n>', 'number of workers', parseCount('--nodes', 0, 5000))
  .option('--control-planes <n>', 'number of control planes, with a member of etcd each', parseCount('--control-planes', 1, 7))
  .option('--dual-stack', 'addresses of IPv4 and IPv6 for machines, Pods and Services')
  .option('--ipv6', 'addresses of IPv6 alone')
  .addOption(new Option('--cni <plugin>', 'network plugin').choices(cniChoices))
  .option('--seed <s>', 'seed of the cluster', parseCount('--seed', 0, 2 ** 31 - 1))
  .option('--think <duration>', 'virtual time that passes before each line', parseDuration, 1000)
  .option('--limit <duration>', 'virtual time after which it ends with 124', parseDuration, 3_600_000)
  .option(
    '--file <host=path>',
    "copy a file of this machine into the cluster's terminal machine (may be repeated)",
    (value, all: string[]) => [...all, value],
    [],
  )
  .option('--echo', 'print the prompt and each line too')
  .action(async (script: string, options: RunOptions) => {
    const text = readText(script);
    const { lab, checks } = await openLab(options.lab, options);
    const session = await newSession({ lab, checks });
    const machineName = lab.terminals[0]!;
    const machine = session.cluster.machine(machineName)!;
    for (const pair of options.file) copyIn(pair, (path, bytes) => machine.fs.writeFile(path, bytesOf(bytes)));
    const running = startScript(session.cluster.kernel, machine, {
      text,
      thinkMs: options.think,
      onOutput: (stream, bytes) => writeOutput(stream === 'stdout' ? 1 : 2, toUint8Array(bytes)),
      onLine: options.echo ? (line) => writeOutput(1, toUint8Array(utf8(`root@${machineName}:~# ${line}`))) : undefined,
    });
    while (running.exitCode === undefined && session.nowMs < options.limit)
      await session.runTo(Math.min(options.limit, session.nowMs + 1000));
    process.exitCode = running.exitCode ?? timedOut;
  });

function copyIn(pair: string, write: (path: string, bytes: Uint8Array) => void): void {
  const at = pair.indexOf('=');
  const [host, path] = [pair.slice(0, at), pair.slice(at + 1)];
  if (at < 1 || path === '') throw new UsageError(`--file ${pair}: not HOST=PATH`);
  const bytes = readBytes(host);
  try {
    write(path.startsWith('/') ? path : `/root/${path}`, bytes);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    throw new UsageError(`--file ${pair}: ${error.message}`);
  }
}
