import type { Clock } from './clock.ts';
import type { Faults } from './faults.ts';
import type { Files } from './files.ts';
import type { Journal } from './journal.ts';
import type { Loras } from './loras.ts';
import type { Settings } from './settings.ts';
import type { SigningKeys } from './signing.ts';

/** What every part of a sandbox shares. */
export interface Context {
  /** `id:secret` that requests must bear, or null when any will do. */
  key: string | null;
  /** The fal user in whose name webhooks are signed. */
  userId: string;
  allowPrivateWebhooks: boolean;
  /** Where uploads lie. */
  folder: string;
  clock: Clock;
  faults: Faults;
  settings: Settings;
  signing: SigningKeys;
  files: Files;
  loras: Loras;
  journal: Journal;
  /** Told of a fault of the sandbox itself, which is never fal's. */
  onError(error: unknown): void;
}

/** The machine's or the sandbox's time, whichever the settings hand out, in ms since 1970. */
export function timeToTell(context: Context, moment: { sandbox: number; wall: number }): number {
  return context.settings.timestamps === 'wall' ? moment.wall : moment.sandbox;
}
