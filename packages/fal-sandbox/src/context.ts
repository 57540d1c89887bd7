import type { Clock } from './clock.ts';
import type { Faults } from './faults.ts';
import type { Files } from './files.ts';
import type { Journal } from './journal.ts';
import type { Loras } from './loras.ts';
import type { Settings } from './settings.ts';
import type { SigningKeys } from './signing.ts';

export interface Context {
  /** The required `id:secret`; null when any key is accepted. */
  key: string | null;
  /** The fal user that webhooks are signed for. */
  userId: string;
  allowPrivateWebhooks: boolean;
  folder: string;
  clock: Clock;
  faults: Faults;
  settings: Settings;
  signing: SigningKeys;
  files: Files;
  loras: Loras;
  journal: Journal;
  /** Receives errors of the sandbox itself, which are never simulated ones. */
  onError(error: unknown): void;
}

/** Machine or sandbox time, by the setting `timestamps`, in ms since 1970. */
export function timeToTell(context: Context, moment: { sandbox: number; wall: number }): number {
  return context.settings.timestamps === 'wall' ? moment.wall : moment.sandbox;
}
