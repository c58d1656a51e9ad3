import type { FieldPath } from '../machinery/field-error.ts';

/** The warning for a field that is accepted and stored, and that nothing in this emulator acts on. */
export const withoutEffect = (at: FieldPath | string): string => `${at}: accepted, but this emulator does not act on it`;
