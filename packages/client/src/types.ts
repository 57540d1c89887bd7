import type { components } from './api.ts';

/* The schemas of the API by name; the API reference describes their members. */

type Schemas = components['schemas'];

export type User = Schemas['User'];
export type UserToken = Schemas['UserToken'];
export type Avatar = Schemas['Avatar'];
export type AvatarSummary = Schemas['AvatarSummary'];
export type Photo = Schemas['Photo'];
export type RejectedPhoto = Schemas['RejectedPhoto'];
export type Trainer = Schemas['Trainer'];
export type Training = Schemas['Training'];
export type TrainingPlan = Schemas['TrainingPlan'];
export type Model = Schemas['Model'];
export type Generation = Schemas['Generation'];
export type GenerationPlan = Schemas['GenerationPlan'];
export type Image = Schemas['Image'];
export type ImageLink = Schemas['ImageLink'];
export type Pack = Schemas['Pack'];
export type PackSummary = Schemas['PackSummary'];
export type Batch = Schemas['Batch'];
export type BatchPlan = Schemas['BatchPlan'];
export type LogLine = Schemas['LogLine'];
export type ArtifactLink = Schemas['ArtifactLink'];
export type WebhookEndpoint = Schemas['WebhookEndpoint'];
export type WebhookDelivery = Schemas['WebhookDelivery'];
export type Key = Schemas['Key'];
/** `type` determines the members of `data`. */
export type Event = Schemas['Event'];
export type EventType = Event['type'];
/** An error response (RFC 9457). */
export type Problem = Schemas['Problem'];
export type ProblemCode = Problem['code'];
