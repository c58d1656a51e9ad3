import fs from 'node:fs';
import { Validator } from '@cfworker/json-schema';
import { describe, expect, test } from 'vitest';
import { loadLab } from './generated/labs.ts';
import { recordSolution } from './recording.ts';
import { LabSession } from './session.ts';
import { gradable, problemWith, problemWithShape } from './submission.ts';
import type { Submission } from './submission.ts';
import { hashTrace } from './trace-hash.ts';
import { emulatorVersion } from './version.ts';

const schema = new Validator(JSON.parse(fs.readFileSync('static/schemas/submission-v1.json', 'utf8')), '2020-12', true);
const loaded = await loadLab('architecture/first-look');
const { lab } = loaded;

const good: Submission = {
  schema: 'labs/submission/v1',
  lab: { id: lab.id, version: lab.version },
  emulator: emulatorVersion,
  seed: 7,
  startedAt: '2026-11-27T10:00:00Z',
  events: [
    { t: 1, terminal: 'control-plane', open: 'control-plane' },
    { t: 1, terminal: 'control-plane', resize: [80, 24] },
    { t: 900, terminal: 'control-plane', input: 'kubectl get nodes\r' },
    { t: 900, terminal: 'control-plane', signal: 'SIGINT' },
    { t: 1000, terminal: 'control-plane', file: '/root/a.yaml', content: 'a: b\n' },
  ],
  endedMs: 2000,
  help: { hints: [], solutionViewed: false },
};
const withEvents = (...events: readonly unknown[]): unknown => ({ ...good, events });

describe('the shape of a submission', () => {
  test.each([
    { name: 'whole', value: good },
    { name: 'without end, help and start', value: { ...good, endedMs: undefined, help: undefined, startedAt: undefined } },
    { name: 'with keys that nobody knows', value: { ...good, score: 100, tasks: { hello: 'green' } } },
  ])('$name: taken', ({ value }) => {
    expect(problemWithShape(value)).toBeUndefined();
    expect(schema.validate(JSON.parse(JSON.stringify(value))).valid).toBe(true);
  });

  test.each([
    { name: 'a list', value: [], want: /not a JSON object/ },
    { name: 'null', value: null, want: /not a JSON object/ },
    { name: 'another schema', value: { ...good, schema: 'labs/submission/v2' }, want: /"labs\/submission\/v2", expected/ },
    { name: 'no lab', value: { ...good, lab: undefined }, want: /which lab/ },
    { name: 'a version that is text', value: { ...good, lab: { id: lab.id, version: '1' } }, want: /which version/ },
    { name: 'an emulator without version', value: { ...good, emulator: 'latest' }, want: /not a version/ },
    { name: 'a seed between two', value: { ...good, seed: 1.5 }, want: /seed/ },
    { name: 'no events', value: { ...good, events: {} }, want: /no list of events/ },
    { name: 'an end after a day', value: { ...good, endedMs: 1e12 }, want: /within a day/ },
    { name: 'an event that is text', value: withEvents('ls'), want: /event 0: it is not an object/ },
    { name: 'an event without time', value: withEvents({ terminal: 'a', input: 'b' }), want: /event 0: t is not/ },
    { name: 'an event before the beginning', value: withEvents({ t: -1, terminal: 'a', input: 'b' }), want: /back in time/ },
    { name: 'an event for nobody', value: withEvents({ t: 1, input: 'b' }), want: /terminal is not/ },
    { name: 'an event of another sort', value: withEvents({ t: 1, terminal: 'a', eval: 'b' }), want: /neither input/ },
    { name: 'a signal that no key sends', value: withEvents({ t: 1, terminal: 'a', signal: 'SIGKILL' }), want: /no key sends/ },
    { name: 'a signal named as a property', value: withEvents({ t: 1, terminal: 'a', signal: 'constructor' }), want: /no key sends/ },
    { name: 'a file without content', value: withEvents({ t: 1, terminal: 'a', file: '/x' }), want: /neither input/ },
    { name: 'a screen of no width', value: withEvents({ t: 1, terminal: 'a', resize: [0, 24] }), want: /neither input/ },
  ])('$name: refused', ({ value, want }) => {
    expect(problemWithShape(value)).toMatch(want);
    expect(schema.validate(JSON.parse(JSON.stringify(value))).valid).toBe(false);
  });

  test('time does not go back, which no schema can say', () => {
    const events = [
      { t: 5, terminal: 'a', input: 'b' },
      { t: 4, terminal: 'a', input: 'c' },
    ];
    expect(problemWithShape(withEvents(...events))).toMatch(/event 1: .*back in time/);
  });
});

describe('versions', () => {
  const newer = { ...lab, version: 3 };
  test.each([
    { name: 'the same', submission: good, lab, emulator: emulatorVersion, want: { notes: [] } },
    {
      name: 'an older lab',
      submission: good,
      lab: newer,
      emulator: emulatorVersion,
      want: { notes: ['made for version 1 of the lab, graded by version 3'] },
    },
    {
      name: 'a newer lab',
      submission: { ...good, lab: { id: lab.id, version: 2 } },
      lab,
      emulator: emulatorVersion,
      want: { problem: 'it was made for version 2 of the lab, this course has version 1', notes: [] },
    },
    {
      name: 'an older course',
      submission: good,
      lab,
      emulator: '0.10.0',
      want: { notes: ['made by version 0.1.0 of the course, replayed by 0.10.0'] },
    },
    {
      name: 'a newer course',
      submission: { ...good, emulator: '0.10.0' },
      lab,
      emulator: '0.9.9',
      want: { problem: 'it was made by version 0.10.0 of the course, this is 0.9.9', notes: [] },
    },
    {
      name: 'a machine that is gone',
      submission: { ...good, events: [{ t: 1, terminal: 'old', open: 'old-node' }] },
      lab,
      emulator: emulatorVersion,
      want: { problem: 'it uses the machine "old-node", which version 1 of the lab does not have', notes: [] },
    },
  ])('$name', ({ submission, lab: own, emulator, want }) => {
    expect(gradable(submission, own, emulator)).toEqual(want);
  });

  test('a session is restored only by the same version of the same lab', () => {
    expect(problemWith(good, lab)).toBeUndefined();
    expect(problemWith(good, newer)).toMatch(/version 1 of the lab, this is version 3/);
    expect(problemWith({ ...good, lab: { id: 'other', version: 1 } }, lab)).toMatch(/belongs to the lab "other"/);
  });
});

describe('a record of a solution', async () => {
  const recorded = await recordSolution(loaded);

  test('is a submission, and turns every task green', () => {
    expect(problemWithShape(recorded.submission)).toBeUndefined();
    expect(schema.validate(JSON.parse(JSON.stringify(recorded.submission))).errors).toEqual([]);
    expect(recorded.green).toEqual(lab.tasks.map(({ id }) => id));
  });

  test.each([
    { name: 'as it is', change: (submission: Submission) => submission },
    {
      name: 'without saying that the terminal was opened',
      change: (submission: Submission) => ({ ...submission, events: submission.events.filter((event) => !('open' in event)) }),
    },
  ])('replays to the same session: $name', async ({ name, change }) => {
    const { events, seed, endedMs } = change(recorded.submission);
    const session = new LabSession({ ...loaded, seed });
    const hash = hashTrace(session.cluster.kernel.trace);
    await session.replay(events, endedMs);
    expect(session.tasks.isDone).toBe(true);
    if (name === 'as it is') expect({ value: hash.value, records: hash.records }).toEqual(recorded.trace);
  });
});
