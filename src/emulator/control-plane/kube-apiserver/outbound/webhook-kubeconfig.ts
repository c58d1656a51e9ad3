/** Where the kubeconfig file of a webhook of flags points (apiserver/pkg/util/webhook/webhook.go, LoadKubeconfig). */
import type { FileSystem } from '../../../kernel/index.ts';
import { base64, textOf, utf8 } from '../../../kernel/index.ts';
import { parseYaml } from '../../../machinery/yaml.ts';
import type { WebhookClientConfig } from './review-call.ts';

interface Kubeconfig {
  readonly 'current-context'?: string;
  readonly contexts?: readonly { readonly name: string; readonly context?: { readonly cluster?: string } }[];
  readonly clusters?: readonly { readonly name: string; readonly cluster?: Readonly<Record<string, string>> }[];
}

/**
 * Throws an Error, or the Errno of a file that is not there.
 *
 * Differs from Kubernetes: the server is not told who asks, so that the file's user is read by nobody.
 */
export function readWebhookKubeconfig(fs: FileSystem, path: string): WebhookClientConfig {
  const file = parseYaml(textOf(fs.readFile(path))) as Kubeconfig | null;
  const name = file?.['current-context'] ?? '';
  const context = file?.contexts?.find((one) => one.name === name)?.context;
  if (!context)
    throw new Error(name === '' ? 'invalid configuration: no configuration has been provided' : `context "${name}" does not exist`);
  const cluster = file?.clusters?.find((one) => one.name === context.cluster)?.cluster;
  const { server: url = '', 'certificate-authority-data': data, 'certificate-authority': authority } = cluster ?? {};
  if (!/^https:\/\/[^/]+/.test(url)) throw new Error(`invalid configuration: invalid server URL ${JSON.stringify(url)}`);
  return { url, caBundle: data ?? (authority === undefined ? undefined : base64(utf8(textOf(fs.readFile(authority))))) };
}
