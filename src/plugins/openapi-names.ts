/*
 * Names for the forms that answers have, so that whoever generates a client gets `Training`, and not
 * `GetTraining200Response` beside six others that are the same.
 */

/** Where each form is found: the operation, the status of its answer, and the way on from there. */
const places: Record<string, [operationId: string, status: string, ...way: string[]]> = {
  User: ['getUser', '200'],
  UserToken: ['createUserToken', '201'],
  Avatar: ['getAvatar', '200'],
  AvatarSummary: ['listAvatars', '200', 'properties', 'data', 'items'],
  Photo: ['getPhoto', '200'],
  RejectedPhoto: ['addPhotos', '201', 'properties', 'rejected', 'items'],
  Trainer: ['listTrainers', '200', 'properties', 'data', 'items'],
  Training: ['getTraining', '200'],
  TrainingPlan: ['startTraining', '200'],
  LogLine: ['listTrainingLogs', '200', 'properties', 'data', 'items'],
  ArtifactLink: ['linkArtifact', '201'],
  WebhookEndpoint: ['getWebhookEndpoint', '200'],
  WebhookDelivery: ['listWebhookDeliveries', '200', 'properties', 'data', 'items'],
  Key: ['getKey', '200'],
};

type Json = { [name: string]: Json } | Json[] | string | number | boolean | null | undefined;
type Operation = { operationId?: string; responses?: Json };

/**
 * Moves the forms that have a name to the components of a description, and refers to them wherever they stand.
 * @param document a description (OpenAPI 3.1); its answers and components are changed
 */
export function nameSchemas(document: { paths?: unknown; components?: { schemas?: object } }): void {
  const operations = Object.values((document.paths ?? {}) as Record<string, Record<string, Operation>>).flatMap((one) =>
    Object.values(one),
  );
  const byId = new Map(operations.map((operation) => [operation.operationId, operation]));
  const found = Object.entries(places).flatMap(([name, [operationId, status, ...way]]) => {
    const operation = byId.get(operationId);
    // A worker serves its health and metrics alone.
    if (operation === undefined) return [];
    const start = ['responses', status, 'content', 'application/json', 'schema', ...way];
    const schema = start.reduce<Json>((at, step) => (isObject(at) ? at[step] : undefined), operation);
    if (!isObject(schema)) throw new Error(`no answer of the API has the form that is called ${name}`);
    return [{ name, schema, text: JSON.stringify(schema) }];
  });
  const names = new Map(found.map(({ name, text }) => [text, name]));
  for (const operation of operations) operation.responses = withNames(operation.responses, names);
  const schemas = Object.fromEntries(found.map(({ name, schema }) => [name, schema]));
  document.components = { ...document.components, schemas: { ...document.components?.schemas, ...schemas } };
}

function withNames(value: Json, names: Map<string, string>): Json {
  if (Array.isArray(value)) return value.map((one) => withNames(one, names));
  if (!isObject(value)) return value;
  const name = value['type'] === 'object' ? names.get(JSON.stringify(value)) : undefined;
  if (name !== undefined) return { $ref: `#/components/schemas/${name}` };
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, key.startsWith('example') ? one : withNames(one, names)]),
  );
}

function isObject(value: unknown): value is { [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
