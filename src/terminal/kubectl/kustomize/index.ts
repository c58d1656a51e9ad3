/**
 * kustomize: the objects that a directory with a kustomization.yaml means. Pure: it reads files through what it is given, and
 * returns objects; `kubectl kustomize` and `-k` are its two users.
 *
 * - A kustomization is read strictly (`kustomization.ts`): an unknown field or a wrong type is an error, as Go's decoder words it.
 * - Resources are gathered depth first (`build.ts`): files and directories, generators, components, then the transformers in their
 *   fixed order (`transformers.ts`). Names are corrected at the very end, when all of them are known (`name-references.ts`).
 * - Every resource remembers what it was called before, for patches, replacements and references by the old name.
 *
 * Upstream: kustomize v5.6.0 (`api` and `kyaml` v0.19.0), which is in kubectl v1.33.
 * Absent: Helm charts, plugins, CRD and OpenAPI documents, remote bases, origin annotations. Each is refused by name.
 */
import type { Json } from '../json.ts';
import { buildAt } from './build.ts';
import { type KustomizeFiles, Loader } from './loader.ts';

export type { KustomizeFiles } from './loader.ts';

/** Builds the kustomization of a directory and tells what is deprecated in it. Throws a KustomizeError. */
export function buildKustomization(
  files: KustomizeFiles,
  directory: string,
  options: { readonly isUnrestricted: boolean; readonly onWarning: (line: string) => void },
): readonly Json[] {
  return buildAt(Loader.at(files, directory, options), options.onWarning);
}
