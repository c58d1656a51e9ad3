/** ComponentStatus: pkg/registry/core/componentstatus. It is never stored: the API server looks whenever somebody asks. */
import { text, name } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import type { ComponentCondition, ComponentStatus } from '../generated/types.ts';

const healthOf = ({ conditions }: ComponentStatus): ComponentCondition | undefined => conditions?.find(({ type }) => type === 'Healthy');
const words: Readonly<Record<string, string>> = { True: 'Healthy', False: 'Unhealthy' };

/** The descriptor of ComponentStatus. */
export const componentStatuses = defineKind<ComponentStatus>({
  kind: 'ComponentStatus',
  resource: 'componentstatuses',
  shortNames: ['cs'],
  isNamespaced: false,
  verbs: ['get', 'list'],
  deprecation: 'v1 ComponentStatus is deprecated in v1.19+',
  columns: [
    name(),
    text('Status', 'Whether the component is well.', (component) => words[healthOf(component)?.status ?? ''] ?? 'Unknown'),
    text('Message', 'What it says of itself.', (component) => healthOf(component)?.message ?? ''),
    text('Error', 'What went wrong.', (component) => healthOf(component)?.error ?? ''),
  ],
});
