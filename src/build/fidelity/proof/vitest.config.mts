import { mergeConfig } from 'vitest/config';
import base from '../../../../vitest.config.mts';

/** The tests of the project, run by the runner that hides fields. */
export default mergeConfig(base, {
  test: { runner: './src/build/fidelity/proof/runner.ts', setupFiles: ['./src/build/fidelity/proof/hidden-field.ts'] },
});
