/** Bundles the command `labs` and every lab's checks into `dist/labs.mjs`, since Node 20 does not run TypeScript. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: { alias: { vitest: at('src/lab/checks/vitest-shim.ts'), 'inside-kubernetes/lab': at('src/lab/api.ts') } },
  build: {
    ssr: true,
    target: 'node20',
    outDir: 'dist',
    emptyOutDir: false,
    rollupOptions: {
      input: { labs: at('src/cli/labs.ts'), bench: at('src/bench/index.ts') },
      output: {
        entryFileNames: '[name].mjs',
        chunkFileNames: 'chunks/[name]-[hash].mjs',
        banner: (chunk) => (chunk.name === 'labs' ? '#!/usr/bin/env node' : ''),
      },
    },
  },
  // These find their own files beside themselves.
  ssr: { noExternal: true, external: ['playwright-core', '@kubernetes/client-node', '@jitl/quickjs-wasmfile-release-sync'] },
});
