/* Attempts on another user's resources: one for each operation of the API. */

/** The attacked user's resources. */
export type World = {
  user: string;
  externalId: string;
  avatar: string;
  photo: string;
  training: string;
  generation: string;
  batch: string;
  /** Not public. */
  pack: string;
  image: string;
  key: string;
  endpoint: string;
  delivery: string;
};

/**
 * The expected response to another user's token: `hidden` is 404, as for resources that do not exist; `keys` is 403;
 * `nothing` is a list without the attacked user's items; `operators` is hidden
 * from every user token; `everybody` is equal for all callers; `public` needs no
 * credentials.
 */
export type Outcome = 'hidden' | 'keys' | 'nothing' | 'operators' | 'everybody' | 'public';
export type Attack = {
  outcome: Outcome;
  path: (world: World) => string;
  json?: (world: World) => unknown;
  /** Sends a file instead of JSON. */
  file?: true;
  /** Reads only the beginning of an endless response. */
  stream?: true;
};

const hidden = (path: Attack['path'], json?: Attack['json']): Attack => ({
  outcome: 'hidden',
  path,
  ...(json && { json }),
});
const keys = (path: Attack['path'], json?: Attack['json']): Attack => ({
  outcome: 'keys',
  path,
  ...(json && { json }),
});
const nothing = (path: Attack['path']): Attack => ({ outcome: 'nothing', path });
const open = (path: string): Attack => ({ outcome: 'public', path: () => path });

const endpoint = ({ endpoint: id }: World) => `/v1/webhook-endpoints/${id}`;
const avatar = ({ avatar: id }: World) => `/v1/avatars/${id}`;
const photo = (world: World) => `${avatar(world)}/photos/${world.photo}`;
const training = ({ training: id }: World) => `/v1/trainings/${id}`;
const generation = ({ generation: id }: World) => `/v1/generations/${id}`;
const image = ({ image: id }: World) => `/v1/images/${id}`;
const user = ({ user: id }: World) => `/v1/users/${id}`;
const batch = ({ batch: id }: World) => `/v1/batches/${id}`;
const pack = ({ pack: name }: World) => `/v1/packs/${name}`;
const key = ({ key: id }: World) => `/v1/keys/${id}`;

export const attacks: Record<string, Attack> = {
  getOpenapi: open('/openapi.json'),
  getMetrics: open('/metrics'),
  getLiveness: open('/livez'),
  getReadiness: open('/readyz'),
  receiveFalWebhook: { ...open('/webhooks/fal'), json: () => ({}) },
  getLinkedArtifact: {
    outcome: 'public',
    path: (world) => `/artifacts/${world.training}/lora?expires=4000000000&key=${world.key}&signature=AAAA`,
  },
  getLinkedLora: {
    outcome: 'public',
    path: (world) => `/loras/${world.training}/lora.safetensors?expires=4000000000&signature=AAAA`,
  },

  getLinkedImage: {
    outcome: 'public',
    path: (world) => `/images/${world.image}/content?expires=4000000000&key=${world.key}&signature=AAAA`,
  },

  upsertUser: keys(
    () => '/v1/users',
    ({ externalId }) => ({ external_id: externalId, first_name: 'Mallory' }),
  ),
  getUser: hidden(user),
  updateUser: hidden(user, () => ({ first_name: 'Mallory' })),
  deleteUser: hidden(user),
  setMainAvatar: hidden(
    (world) => `${user(world)}/main-avatar`,
    (world) => ({ avatar_id: world.avatar }),
  ),
  unsetMainAvatar: hidden((world) => `${user(world)}/main-avatar`),
  createUserToken: keys(
    (world) => `${user(world)}/tokens`,
    () => ({}),
  ),
  getDraft: hidden((world) => `${user(world)}/draft`),

  createAvatar: hidden(
    () => '/v1/avatars',
    (world) => ({ user_id: world.user, name: 'Mine', gender: 'other', training_type: 'style' }),
  ),
  listAvatars: nothing((world) => `/v1/avatars?user_id=${world.user}&include=total`),
  getAvatar: hidden(avatar),
  updateAvatar: hidden(avatar, () => ({ name: 'Mine' })),
  deleteAvatar: hidden(avatar),

  addPhotos: { ...hidden((world) => `${avatar(world)}/photos`), file: true },
  listPhotos: hidden((world) => `${avatar(world)}/photos?include=total`),
  getPhoto: hidden(photo),
  getPhotoContent: hidden((world) => `${photo(world)}/content`),
  deletePhoto: hidden(photo),

  listTrainers: { outcome: 'everybody', path: () => '/v1/trainers' },
  listModels: { outcome: 'everybody', path: () => '/v1/models' },
  startBatch: hidden(
    (world) => `${avatar(world)}/batches`,
    () => ({ prompts: ['at the sea'] }),
  ),
  listBatches: nothing((world) => `/v1/batches?user_id=${world.user}&include=total`),
  getBatch: hidden(batch),
  cancelBatch: hidden((world) => `${batch(world)}/cancel`),
  listPacks: { outcome: 'operators', path: () => '/v1/packs' },
  getPack: { outcome: 'operators', path: pack },
  putPack: keys(pack, () => ({ title: 'Mine', items: [{ name: 'one', prompt: 'at sea' }] })),
  deletePack: keys(pack),
  startTraining: hidden(
    (world) => `${avatar(world)}/trainings`,
    () => ({}),
  ),
  listAvatarTrainings: hidden((world) => `${avatar(world)}/trainings?include=total`),
  listTrainings: nothing((world) => `/v1/trainings?user_id=${world.user}&include=total`),
  getTraining: hidden(training),
  listTrainingLogs: hidden((world) => `${training(world)}/logs`),
  cancelTraining: hidden((world) => `${training(world)}/cancel`),
  retryTraining: hidden((world) => `${training(world)}/retry`),
  acceptLateResult: hidden((world) => `${training(world)}/accept-late-result`),
  getArtifact: hidden((world) => `${training(world)}/artifacts/lora`),
  linkArtifact: hidden(
    (world) => `${training(world)}/artifacts/lora/link`,
    () => ({}),
  ),

  startGeneration: hidden(
    (world) => `${avatar(world)}/generations`,
    () => ({ prompt: 'at the sea' }),
  ),
  listAvatarGenerations: hidden((world) => `${avatar(world)}/generations?include=total`),
  listGenerations: nothing((world) => `/v1/generations?user_id=${world.user}&include=total`),
  getGeneration: hidden(generation),
  cancelGeneration: hidden((world) => `${generation(world)}/cancel`),
  repeatGeneration: hidden(
    (world) => `${generation(world)}/repeat`,
    () => ({}),
  ),
  acceptLateImages: hidden((world) => `${generation(world)}/accept-late-result`),
  deleteGeneration: hidden(generation),
  listImages: nothing((world) => `/v1/images?user_id=${world.user}&include=total`),
  getImage: hidden(image),
  updateImage: hidden(image, () => ({ favorite: true })),
  deleteImage: hidden(image),
  getImageContent: hidden((world) => `${image(world)}/content`),
  getImageThumbnail: hidden((world) => `${image(world)}/thumbnail`),
  linkImage: hidden(
    (world) => `${image(world)}/link`,
    () => ({}),
  ),
  getPreview: hidden((world) => `${avatar(world)}/preview`),
  setPreview: hidden(
    (world) => `${avatar(world)}/preview`,
    (world) => ({ image_id: world.image }),
  ),
  removePreview: hidden((world) => `${avatar(world)}/preview`),

  listEvents: nothing((world) => `/v1/events?user_id=${world.user}`),
  streamEvents: { ...nothing((world) => `/v1/events/stream?after=0&user_id=${world.user}`), stream: true },

  createWebhookEndpoint: keys(
    () => '/v1/webhook-endpoints',
    () => ({ url: 'https://mallory.example/hooks' }),
  ),
  listWebhookEndpoints: keys(() => '/v1/webhook-endpoints'),
  getWebhookEndpoint: keys(endpoint),
  updateWebhookEndpoint: keys(endpoint, () => ({ url: 'https://mallory.example/hooks' })),
  deleteWebhookEndpoint: keys(endpoint),
  rotateWebhookSecret: keys((world) => `${endpoint(world)}/rotate-secret`),
  pingWebhookEndpoint: keys((world) => `${endpoint(world)}/ping`),
  listWebhookDeliveries: keys((world) => `${endpoint(world)}/deliveries`),
  redeliverWebhook: keys((world) => `${endpoint(world)}/deliveries/${world.delivery}/redeliver`),
  redeliverWebhooksSince: keys(
    (world) => `${endpoint(world)}/redeliver`,
    () => ({ since: '2026-01-01T00:00:00Z' }),
  ),

  createKey: keys(
    () => '/v1/keys',
    () => ({ name: 'mine', scopes: ['admin'] }),
  ),
  listKeys: keys(() => '/v1/keys'),
  getKey: keys(key),
  revokeKey: keys(key),
  rotateKey: keys(
    (world) => `${key(world)}/rotate`,
    () => ({}),
  ),
};
