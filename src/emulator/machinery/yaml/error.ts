/** A text that is not YAML, with the message that kubectl prints: `error converting YAML to JSON: yaml: line 3: …`. */
export class YamlError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'YamlError';
  }
}
