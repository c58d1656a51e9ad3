import { defineFault } from './fault.ts';
import { choice, machine, name } from './parameters.ts';
import { editFile, machineOf } from './site.ts';

const mistakes = ['port', 'authority', 'context'] as const;

const edits: Readonly<Record<(typeof mistakes)[number], (text: string) => string>> = {
  port: (text) => text.replace(/^( *server: https:\/\/.*):6443$/m, '$1:6433'),
  // An authority of the same form that signed nothing here would need a key: this one is cut short.
  authority: (text) => text.replace(/^( *certificate-authority-data: \S{40}).*$/m, '$1'),
  context: (text) => text.replace(/^current-context: .*$/m, 'current-context: admin@production'),
};

export const kubeconfigWrong = defineFault({
  name: 'kubeconfig-wrong',
  cause: 'A kubeconfig file is edited: the wrong port, an authority that is cut off, or a current context that does not exist.',
  symptoms:
    '`kubectl` on that machine says so at once: `The connection to the server …:6433 was refused`, `unable to load root certificates`, or `context was not found for specified context: admin@production`. Everybody else works on.',
  mend: 'Put the file right, or copy /etc/kubernetes/admin.conf over it.',
  parameters: {
    node: machine('the machine', 'control-plane'),
    path: name('the file, without the slash at its beginning', 'root/.kube/config'),
    mistake: choice('what is wrong', mistakes, 'port'),
  },
  showsAfterMs: 1000,
  *inject(cluster, { node, path, mistake }) {
    editFile(machineOf(cluster, node).fs, `/${path}`, edits[mistake]);
  },
});
