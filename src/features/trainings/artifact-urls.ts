import { isRecord } from '../../fal/shapes.ts';
import { trainerNamed } from '../trainers/registry.ts';

/**
 * Reads the addresses of the two files out of a trainer's result. fal fills no member of a file but `url` for certain
 * (fal contract §2.1).
 * @returns null when the result holds no such addresses
 */
export function artifactUrls(trainerName: string, result: unknown): { lora: string; config: string } | null {
  const { outputs } = trainerNamed(trainerName);
  const [lora, config] = [addressOf(result, outputs.lora), addressOf(result, outputs.config)];
  return lora !== null && config !== null ? { lora, config } : null;
}

function addressOf(result: unknown, member: string): string | null {
  const file = isRecord(result) ? result[member] : undefined;
  const url = isRecord(file) ? file['url'] : undefined;
  return typeof url === 'string' && /^https?:\/\//.test(url) ? url : null;
}
