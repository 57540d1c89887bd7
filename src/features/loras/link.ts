import type { Context } from '../../context.ts';
import { isSigned, sign } from '../../platform/http/signer.ts';

const weekMs = 7 * 86_400_000;
// 5 January 1970 was a Monday.
const mondayMs = 4 * 86_400_000;

/**
 * A link to the stored LoRA of a training, for fal. It stays equal from one Monday, 0:00 UTC, to the next, since fal
 * caches weights by address, and lives for at least a week.
 */
export function signedLoraUrl(
  { config, installation }: Pick<Context, 'config' | 'installation'>,
  trainingId: string,
  now = Date.now(),
): string {
  const end = now + Math.max(weekMs, config.loras.neededMs);
  const expires = (mondayMs + Math.ceil((end - mondayMs) / weekMs) * weekMs) / 1000;
  const signature = sign(installation.secret, 'lora', messageOf(trainingId, expires)).toString('base64url');
  return `${config.publicUrl}/loras/${trainingId}/lora.safetensors?expires=${expires}&signature=${signature}`;
}

/** Whether this installation signed the link and it has not expired; needs no query. */
export function isSignedLoraLink(
  { installation }: Pick<Context, 'installation'>,
  trainingId: string,
  { expires, signature }: { expires: number; signature: string },
): boolean {
  const isOurs = isSigned(
    installation.secret,
    'lora',
    messageOf(trainingId, expires),
    Buffer.from(signature, 'base64url'),
  );
  return isOurs && expires * 1000 >= Date.now();
}

function messageOf(trainingId: string, expires: number): string {
  return `${trainingId}\n${expires}`;
}
