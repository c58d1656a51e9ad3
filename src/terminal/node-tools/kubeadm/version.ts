import { defaultRelease, releaseOf } from '../../../emulator/control-plane/component-base/release.ts';
import type { Command } from './command.ts';
import { Fatal, value } from './command.ts';

/** `kubeadm version`. */
export const version: Command = {
  flags: { '-o': value('output'), '--output': value('output') },
  *run({ sys, flags }) {
    const release = releaseOf(sys) ?? defaultRelease;
    const [major, minor] = release.slice(1).split('.');
    const fields = {
      major,
      minor,
      gitVersion: release,
      gitCommit: '93248f9ae092f571eb870b7664c534bfc7d00f03',
      gitTreeState: 'clean',
      buildDate: '2025-09-09T19:43:15Z',
      goVersion: 'go1.24.6',
      compiler: 'gc',
      platform: 'linux/amd64',
    };
    const output = flags.get('output');
    if (output === 'short') yield* sys.print(1, `${release}\n`);
    else if (output === 'json') yield* sys.print(1, `${JSON.stringify({ clientVersion: fields }, null, 2)}\n`);
    else if (output === 'yaml')
      yield* sys.print(
        1,
        `clientVersion:\n${Object.entries(fields)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, text]) => `  ${name}: ${/^\d+$/.test(text!) || name === 'buildDate' ? `"${text}"` : text}\n`)
          .join('')}`,
      );
    else if (output !== undefined) throw new Fatal(`invalid output format: ${output}`);
    else
      yield* sys.print(
        1,
        `kubeadm version: &version.Info{Major:"${major}", Minor:"${minor}", EmulationMajor:"", EmulationMinor:"", MinCompatibilityMajor:"", MinCompatibilityMinor:"", GitVersion:"${release}", GitCommit:"${fields.gitCommit}", GitTreeState:"clean", BuildDate:"${fields.buildDate}", GoVersion:"${fields.goVersion}", Compiler:"gc", Platform:"linux/amd64"}\n`,
      );
    return 0;
  },
};
