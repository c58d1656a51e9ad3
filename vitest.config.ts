import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { alias: { 'inside-kubernetes/lab': fileURLToPath(new URL('./src/lab/api.ts', import.meta.url)) } },
  test: {
    include: ['{src,test,labs}/**/*.test.{ts,tsx}'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
