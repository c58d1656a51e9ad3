import { quoted } from '../quoting.ts';
import { optionLetters } from '../state.ts';
import type { Options, ShellOptions } from '../state.ts';
import type { Maybe, Shell } from '../interpreter.ts';

/** `set`, `set -eux`, `set -o pipefail`, `set -- words`. */
export function set(shell: Shell, [, ...args]: readonly string[]): Maybe<number> {
  const { options, variables } = shell.state;
  if (args.length === 0) {
    const lines = variables.names().flatMap((name) => {
      const variable = variables.lookup(name)!;
      if (variable.elements)
        return [`${name}=(${[...variable.elements].map(([key, value]) => `[${key}]=${JSON.stringify(value)}`).join(' ')})`];
      return variable.value === undefined
        ? []
        : [`${name}=${/^[\w@%+:,./-]*$/.test(variable.value) ? variable.value : quoted(variable.value)}`];
    });
    return shell.print(lines.map((line) => `${line}\n`).join(''));
  }
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '--' || arg === '-') {
      if (arg === '--' || i + 1 < args.length) shell.state.positional = args.slice(i + 1);
      return 0;
    }
    if (!/^[-+]./.test(arg)) {
      shell.state.positional = args.slice(i);
      return 0;
    }
    const isOn = arg.startsWith('-');
    for (const letter of arg.slice(1)) {
      if (letter === 'o') {
        const name = args[i + 1];
        if (name === undefined)
          return shell.print(
            Object.entries(options)
              .sort()
              .map(([key, value]) => (isOn ? `${key.padEnd(15)}\t${value ? 'on' : 'off'}\n` : `set ${value ? '-' : '+'}o ${key}\n`))
              .join(''),
          );
        if (!(name in options)) return shell.complain(`set: ${name}: invalid option name`);
        options[name as keyof Options] = isOn;
        i++;
      } else if (letter === 'm') shell.hasJobControl = isOn && shell.sys.tty !== undefined;
      else if (letter === 'h' || letter === 'B')
        continue; // Hashing commands and braces are always on.
      else {
        const name = optionLetters[letter];
        if (!name) return shell.complain(`set: ${arg[0]}${letter}: invalid option`, 2);
        options[name] = isOn;
      }
    }
  }
  return 0;
}

export function shopt(shell: Shell, [, ...args]: readonly string[]): Maybe<number> {
  const options = shell.state.shopt;
  const flag = /^-[suq]$/.test(args[0] ?? '') ? args[0] : undefined;
  const names = flag ? args.slice(1) : args;
  if (names.length === 0)
    return shell.print(
      Object.entries(options)
        .sort()
        .map(([name, isOn]) => `${name.padEnd(15)}\t${isOn ? 'on' : 'off'}\n`)
        .join(''),
    );
  for (const name of names) {
    if (!(name in options)) return shell.complain(`shopt: ${name}: invalid shell option name`);
    if (flag === '-s' || flag === '-u') options[name as keyof ShellOptions] = flag === '-s';
    else if (flag === '-q') return Number(!options[name as keyof ShellOptions]);
    else return shell.print(`${name.padEnd(15)}\t${options[name as keyof ShellOptions] ? 'on' : 'off'}\n`);
  }
  return 0;
}
