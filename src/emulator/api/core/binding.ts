/** Binding: the body of pods/binding, which a scheduler sends; also a resource of its own that does the same. */
import { defineKind } from '../define-kind.ts';
import type { Binding } from '../generated/types.ts';

/** The descriptor of Binding. */
export const bindings = defineKind<Binding>({ kind: 'Binding', resource: 'bindings', verbs: ['create'] });
