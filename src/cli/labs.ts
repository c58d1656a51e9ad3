/** The command `labs`. Bad input gets one clear line on stderr and exit code 2; an internal error 70 with a line to reproduce it. */
import process from 'node:process';
import { Command, CommanderError } from 'commander';
import { emulatorVersion } from '../lab/version.ts';
import { commands, innerCommands } from './commands/index.ts';
import { UsageError } from './usage-error.ts';

const exitCodes = { usage: 2, internal: 70 };

const program = new Command('labs')
  .description('Labs of the course Inside Kubernetes: list, do, run and check them without a browser.')
  .version(emulatorVersion)
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'labs: ')) })
  .exitOverride();
for (const command of commands) program.addCommand(command.exitOverride().copyInheritedSettings(program));
for (const command of innerCommands) program.addCommand(command, { hidden: true });

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof UsageError) {
    process.stderr.write(`labs: ${error.message}\n`);
    process.exitCode = exitCodes.usage;
  } else if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : exitCodes.usage;
  } else {
    const words = process.argv
      .slice(2)
      .map((word) => JSON.stringify(word))
      .join(' ');
    process.stderr.write(`labs: internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    if (error instanceof Error && error.cause)
      process.stderr.write(`caused by: ${error.cause instanceof Error ? error.cause.stack : String(error.cause)}\n`);
    process.stderr.write(`to reproduce: labs ${words} (version ${emulatorVersion}, Node ${process.version})\n`);
    process.exitCode = exitCodes.internal;
  }
}
