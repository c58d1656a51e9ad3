/** What a blocked call waits for, as `ps -o wchan` shows it. This is all that a generator of the core ever yields. */
export type Wchan = string;

/**
 * A call that may block in virtual time: `const pod = yield* client.get(…)`. A call that need not wait runs straight
 * through without yielding. Nothing is passed in on resumption (TNext is void): a blocked call looks at the state of
 * the world again when it wakes, so its result is the generator's return value and needs no casts.
 */
export type Call<T> = Generator<Wchan, T, void>;
