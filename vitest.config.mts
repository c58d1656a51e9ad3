import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  plugins: [
    {
      // A lab's checks are collected and run by the lab's own runner, here as in the page.
      name: 'lab-checks',
      enforce: 'pre',
      resolveId: (id, importer) => (id === 'vitest' && importer?.endsWith('/checks.ts') ? at('src/lab/checks/vitest-shim.ts') : undefined),
    },
  ],
  resolve: { alias: { 'inside-kubernetes/lab': at('src/lab/api.ts') } },
  test: {
    include: ['{src,test,labs}/**/*.test.{ts,tsx}'],
    // By itself vitest leaves a processor to its main process, which has little to do: on two, the tests would use half the machine.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
