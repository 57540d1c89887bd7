/** The lifetime of a resource: tap's `t`, of a file or of one test, or the stage of an experiment. */
export type Scope = { teardown(handler: () => Promise<void>): unknown };
