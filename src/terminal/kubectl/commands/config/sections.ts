/** The lists of a kubeconfig, and the field that an entry of each keeps its content in. */
export type Section = 'clusters' | 'users' | 'contexts';
export const fieldOf: Readonly<Record<Section, string>> = { clusters: 'cluster', users: 'user', contexts: 'context' };
