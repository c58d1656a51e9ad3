import type { Call, Program } from '../../emulator/kernel/index.ts';
import type { Hardware } from '../../emulator/node/kubelet/node-status.ts';
import { hardwareService } from '../../emulator/node/kubelet/node-status.ts';

/** What the machine calls itself. */
export const hostnamectl: Program = function* (sys): Call<number> {
  const [command = 'status'] = sys.argv.slice(1);
  if (command === 'hostname') {
    yield* sys.print(1, `${sys.hostname}\n`);
    return 0;
  }
  if (command !== 'status') {
    yield* sys.print(2, `Unknown command verb ${command}.\n`);
    return 1;
  }
  const hardware = sys.machine.services.get(hardwareService) as Hardware | undefined;
  const rows = [
    ['Static hostname', sys.hostname],
    ['Icon name', 'computer-vm'],
    ['Chassis', 'vm'],
    ['Machine ID', hardware?.machineID ?? ''],
    ['Boot ID', (hardware?.bootID ?? '').replaceAll('-', '')],
    ['Virtualization', 'kvm'],
    ['Operating System', 'Debian GNU/Linux 12 (bookworm)'],
    ['Kernel', 'Linux 6.1.0-38-amd64'],
    ['Architecture', 'x86-64'],
  ] as const;
  yield* sys.print(1, rows.map(([name, value]) => `${name.padStart(16)}: ${value}\n`).join(''));
  return 0;
};
