/** Bundler settings of the site: the `vitest` that lab checks import becomes the page's own small runner. */
import path from 'node:path';
import type { LoadContext, Plugin } from '@docusaurus/types';

const absentInBrowser: Record<string, false> = { fs: false, path: false, os: false, crypto: false, buffer: false, zlib: false };

export default function sitePlugin({ siteDir }: LoadContext): Plugin {
  return {
    name: 'inside-kubernetes-site',
    configureWebpack: (_config, isServer) => ({
      resolve: {
        alias: {
          vitest$: path.join(siteDir, 'src/lab/checks/vitest-shim.ts'),
          'inside-kubernetes/lab$': path.join(siteDir, 'src/lab/api.ts'),
        },
        ...(isServer ? {} : { fallback: absentInBrowser }),
      },
    }),
  };
}
