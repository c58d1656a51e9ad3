/** Which model of the generated schema a built-in kind has; none for kinds from CustomResourceDefinitions. */
import type { ApiResource } from './rest/discovery.ts';

export function modelOf(_resource: ApiResource): string | undefined {
  return undefined;
}
