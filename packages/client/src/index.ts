export type { components, operations, paths } from './api.ts';
export { type Client, type ClientOptions, createClient } from './client.ts';
export { ConnectionError, ProblemError } from './errors.ts';
export { followEvents, type FollowOptions } from './events.ts';
export { eachItem } from './lists.ts';
export { addPhotos, type AddedPhotos } from './photos.ts';
export { startTraining, waitForTraining, type WaitOptions, type WriteOptions } from './trainings.ts';
export type * from './types.ts';
