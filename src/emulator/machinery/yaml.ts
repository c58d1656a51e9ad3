/**
 * YAML as Kubernetes reads and writes it, which is as go-yaml v2 does (YAML 1.1 scalars, `on` is true, `0644` is 420, the last of
 * two equal keys wins) behind a detour over JSON. Upstream: `sigs.k8s.io/yaml`, `apimachinery/pkg/util/yaml/decoder.go`.
 *
 * - Reading: `parseYaml` (one document), `parseYamlDocuments` (a stream as kubectl takes it: YAML or JSON).
 * - Writing: `toYaml`, byte for byte as sigs.k8s.io/yaml.
 * - Cost is bounded: aliases are shared, not expanded, and refused when they would blow up.
 * - Absent: integers beyond 2^53 keep only what a double keeps.
 */
export { YamlError } from './yaml/error.ts';
export { type DuplicateKey, parseYaml, parseYamlDocuments } from './yaml/read.ts';
export { toYaml } from './yaml/write.ts';
