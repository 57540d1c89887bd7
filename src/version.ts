import packageJson from '../package.json' with { type: 'json' };

/** The version of Likeness that runs, as package.json and openapi.json say it. */
export const { version } = packageJson;
