import manifest from '../../package.json' with { type: 'json' };

/** The version of the course, which stands in every submission: a replay needs the same one. */
export const emulatorVersion: string = manifest.version;
