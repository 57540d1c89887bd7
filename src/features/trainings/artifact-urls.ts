import { isRecord } from '../../fal/shapes.ts';
import { trainerNamed } from '../trainers/registry.ts';

/**
 * The URLs of the two files in a trainer's result; of a file, only `url` is certain (fal contract §2.1).
 * @returns null when one is missing
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
