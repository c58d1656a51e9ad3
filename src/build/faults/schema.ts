/** The part of `static/schemas/lab-v1.json` that describes faults, so that editors complete them. */
import type { Fault } from '../../emulator/faults/index.ts';
import { faults } from '../../emulator/faults/index.ts';

type Schema = Readonly<Record<string, unknown>>;

const span = { type: 'string', pattern: '^[0-9]+(ms|s|m|h)$' };

function parametersOf({ name, cause, parameters }: Fault): Schema {
  const entries = Object.entries(parameters);
  return {
    if: { properties: { fault: { const: name } } },
    // biome-ignore lint/suspicious/noThenProperty: JSON Schema calls it so.
    then: {
      description: cause,
      additionalProperties: false,
      required: ['fault', ...entries.filter(([, { fallback }]) => fallback === undefined).map(([key]) => key)],
      properties: {
        fault: true,
        at: true,
        after: true,
        ...Object.fromEntries(
          entries.map(([key, { schema, about, fallback }]) => [
            key,
            {
              ...schema,
              description: about,
              ...(fallback !== undefined && { default: schema.type === 'integer' ? Number(fallback) : fallback }),
            },
          ]),
        ),
      },
    },
  };
}

/** `$defs/fault`. */
export function faultSchema(): Schema {
  return {
    type: 'object',
    required: ['fault'],
    properties: {
      fault: { enum: faults.map(({ name }) => name), description: 'What breaks: see docs/instructors/faults.' },
      at: { ...span, description: "Virtual time after the learner's arrival; without it, before." },
      after: { type: 'string', description: 'A task: it breaks once that is green.' },
    },
    allOf: faults.map(parametersOf),
  };
}
