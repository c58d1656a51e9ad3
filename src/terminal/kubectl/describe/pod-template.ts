export function describePodTemplate(_template: unknown): string { return ''; }
