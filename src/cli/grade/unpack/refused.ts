/** What was handed in is not graded; the message says why, to the grader and to the learner. */
export class Refused extends Error {}
