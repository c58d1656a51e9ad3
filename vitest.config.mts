import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** What takes longest begins first, so that no processor waits at the end; in a fresh clone vitest does not know yet how long files take. */
const longest = ['test/conformance/', 'test/browser/', 'labs/', 'test/cli/'].map(at);

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = longest.findIndex((path) => moduleId.startsWith(path));
      return place < 0 ? longest.length : place;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

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
    sequence: { sequencer: LongestFirst },
    // No room of ours keeps a state of its modules, so files may share them: each would spend most of its time on importing the emulator.
    isolate: false,
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
