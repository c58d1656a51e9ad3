/**
 * What can go wrong in a cluster, as data: each fault is a descriptor with a name, parameters and what it does.
 *
 * - A fault brings about a *cause*, by the means that people and machines have: files, units, processes, the network, and objects
 *   that an administrator makes through the API. Symptoms come from the emulator's parts, which know nothing of faults.
 * - Nobody keeps that a fault is there. It is over when its cause is mended, whoever does that and however.
 * - One file a fault and one line in `list.ts`; labs (`faults[]` of lab.yaml) and `labs serve` (the directive `fault`) read them
 *   through `planFault`, so that a wrong name or value is told in the same words.
 * - Where several could be, the lab's seed decides (`chooseFaults`). Everything happens in virtual time and draws nothing, so that a
 *   replay comes to the same.
 *
 * Deliberately absent: a way to take a fault back, and a state that says which are active.
 */
export * from './fault.ts';
export * from './inject.ts';
export { faults } from './list.ts';
export { parseSpan } from './parameters.ts';
export * from './plan.ts';
