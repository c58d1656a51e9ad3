/** Commands whose output differs for a reason that stands: at most ten, by area and command. */
export const exceptions: ReadonlyMap<string, string> = new Map();
