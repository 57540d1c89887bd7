import type { Job } from './jobs/define.ts';

/** Every job of the service. */
export const jobList: readonly Job[] = [];
