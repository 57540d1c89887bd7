import type { components } from './api.ts';

/* The forms of the API by their names. Members are described in the API's reference, and where you hover over them. */

type Schemas = components['schemas'];

export type User = Schemas['User'];
export type UserToken = Schemas['UserToken'];
export type Avatar = Schemas['Avatar'];
/** An avatar as lists show it. */
export type AvatarSummary = Schemas['AvatarSummary'];
export type Photo = Schemas['Photo'];
export type RejectedPhoto = Schemas['RejectedPhoto'];
export type Trainer = Schemas['Trainer'];
export type Training = Schemas['Training'];
export type TrainingPlan = Schemas['TrainingPlan'];
export type LogLine = Schemas['LogLine'];
export type ArtifactLink = Schemas['ArtifactLink'];
export type WebhookEndpoint = Schemas['WebhookEndpoint'];
export type WebhookDelivery = Schemas['WebhookDelivery'];
export type Key = Schemas['Key'];
/** Something that happened. `type` tells which members `data` has. */
export type Event = Schemas['Event'];
export type EventType = Event['type'];
/** An answer that is no success (RFC 9457). */
export type Problem = Schemas['Problem'];
export type ProblemCode = Problem['code'];
