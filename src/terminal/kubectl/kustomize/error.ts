/** What kustomize says when it cannot build: printed behind `error: `. */
export class KustomizeError extends Error {}

/** The message with what was being done in front. Upstream: kyaml/errors, WrapPrefixf. */
export function within<T>(doing: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw error instanceof KustomizeError ? new KustomizeError(`${doing}: ${error.message}`) : error;
  }
}

/** What an error says; anything but kustomize's own errors goes on. */
export function textOfError(error: unknown): string {
  if (error instanceof KustomizeError) return error.message;
  throw error;
}
