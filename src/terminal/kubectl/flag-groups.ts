/** Flags that many commands share. */

import type { Flag } from './flag-set.ts';
import { flag } from './flag-set.ts';

/** -o and its companions. */
export const printFlags: readonly Flag[] = [
  flag('allow-missing-template-keys', 'bool', true, 'Ignore fields that a template names and the object lacks.'),
  flag('output', 'string', '', 'Output format.', { short: 'o' }),
  flag('show-managed-fields', 'bool', false, 'Keep managedFields in JSON and YAML output.'),
  flag('template', 'string', '', 'Template for -o go-template and the like.'),
];

export const fileFlags: readonly Flag[] = [
  flag('filename', 'list', [], 'Files or directories with manifests; - is standard input.', { short: 'f' }),
  flag('kustomize', 'string', '', 'Directory to build with kustomize.', { short: 'k' }),
  flag('recursive', 'bool', false, 'Descend into the directories of -f.', { short: 'R' }),
];

export const dryRunFlag: Flag = flag('dry-run', 'string', 'none', 'none, client (print only) or server (ask without storing).', {
  bare: 'unchanged',
});
export const selectorFlag: Flag = flag('selector', 'string', '', 'Labels that objects must have, e.g. app=web,tier!=db.', { short: 'l' });
export const fieldSelectorFlag: Flag = flag('field-selector', 'string', '', 'Fields that objects must have, e.g. status.phase=Running.');
export const allNamespacesFlag: Flag = flag('all-namespaces', 'bool', false, 'Objects of all namespaces.', { short: 'A' });
export const allFlag = (usage: string): Flag => flag('all', 'bool', false, usage);
export const localFlag: Flag = flag('local', 'bool', false, 'Work on the manifest alone, without the server.');
export const validateFlag: Flag = flag('validate', 'string', 'strict', 'strict, warn or ignore: what to do about unknown fields.', {
  bare: 'strict',
});
export const saveConfigFlag: Flag = flag('save-config', 'bool', false, 'Keep the configuration in an annotation for a later apply.');
export const chunkSizeFlag: Flag = flag('chunk-size', 'int', 500, 'How many objects to ask for at a time; 0 asks for all.');
export const noHeadersFlag: Flag = flag('no-headers', 'bool', false, 'Leave the headers out.');
export const podRunningTimeoutFlag: Flag = flag('pod-running-timeout', 'duration', 60_000, 'How long to wait for a running Pod.');
export const containerFlag: Flag = flag('container', 'string', '', 'Container name.', { short: 'c' });
export const quietFlag: Flag = flag('quiet', 'bool', false, 'Print only what the far side prints.', { short: 'q' });

export const fieldManagerFlag = (initial: string): Flag =>
  flag('field-manager', 'string', initial, 'Name of the manager that owns the changed fields.');
export const subresourceFlag: Flag = flag('subresource', 'string', '', 'The subresource to work on: status, scale or resize.');
export const timeoutFlag = (usage: string, initialMs = 0): Flag => flag('timeout', 'duration', initialMs, usage);

/** How deletes go, for the commands that delete. */
export const deleteFlags: readonly Flag[] = [
  flag('cascade', 'string', 'background', 'background, orphan or foreground: what happens to dependents.', { bare: 'background' }),
  flag('force', 'bool', false, 'Remove from the API at once, without waiting for the node.'),
  flag('grace-period', 'int', -1, 'Seconds to end gracefully; -1 leaves it to the object.'),
  timeoutFlag('How long to wait; 0 means as long as it takes.'),
];

/** Options of every command. */
export const globalFlags: readonly Flag[] = [
  flag('as', 'string', '', 'User to impersonate.'),
  flag('as-group', 'array', [], 'Group to impersonate; may be repeated.'),
  flag('as-uid', 'string', '', 'UID to impersonate.'),
  flag('cache-dir', 'string', '', 'Where discovery is kept.'),
  flag('certificate-authority', 'string', '', 'File with the authority of the server certificate.'),
  flag('client-certificate', 'string', '', 'File with a client certificate.'),
  flag('client-key', 'string', '', 'File with the key of the client certificate.'),
  flag('cluster', 'string', '', 'Cluster of the kubeconfig to use.'),
  flag('context', 'string', '', 'Context of the kubeconfig to use.'),
  flag('disable-compression', 'bool', false, 'Ask for uncompressed answers.'),
  flag('insecure-skip-tls-verify', 'bool', false, 'Do not check the server certificate.'),
  flag('kubeconfig', 'string', '', 'The kubeconfig file to use.'),
  flag('kuberc', 'string', '', 'The file with preferences to use.'),
  flag('log-flush-frequency', 'duration', 5000, 'Longest time between log flushes.'),
  flag('match-server-version', 'bool', false, 'Require the server to have the version of kubectl.'),
  flag('namespace', 'string', '', 'The namespace to work in.', { short: 'n' }),
  flag('password', 'string', '', 'Password for basic authentication.', { isUnsupported: true }),
  flag('profile', 'string', 'none', 'Profile to capture.', { isUnsupported: true }),
  flag('profile-output', 'string', 'profile.pprof', 'File for the profile.', { isUnsupported: true }),
  flag('request-timeout', 'string', '0', 'How long one request may take.'),
  flag('server', 'string', '', 'Address and port of the API server.', { short: 's' }),
  flag('tls-server-name', 'string', '', 'Name to check the server certificate for.', { isUnsupported: true }),
  flag('token', 'string', '', 'Bearer token.'),
  flag('user', 'string', '', 'User of the kubeconfig to use.'),
  flag('username', 'string', '', 'Username for basic authentication.', { isUnsupported: true }),
  flag('v', 'int', 0, 'Verbosity of the log: 6 and up show requests.', { short: 'v' }),
  flag('vmodule', 'string', '', 'Verbosity by file.', { isUnsupported: true }),
  flag('warnings-as-errors', 'bool', false, 'Exit with an error when the server warns.'),
];
