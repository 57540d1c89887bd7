/** What something ends with: tap's `t`, of a file or of one test in it, or the stage of an experiment. */
export type Scope = { teardown(handler: () => Promise<void>): unknown };
