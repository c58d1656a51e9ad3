import { useDoc } from '@docusaurus/plugin-content-docs/client';
import type { LessonCluster } from '../../lab/playground.ts';

/** The cluster that the lesson's front matter names; undefined when it is content with the usual one. */
export function useLessonCluster(): LessonCluster | undefined {
  return (useDoc().frontMatter as { readonly cluster?: LessonCluster }).cluster;
}
