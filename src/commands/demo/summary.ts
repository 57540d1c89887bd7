import type { Story } from './story.ts';

export function summaryOf({ avatar, training, artifacts, generation, images, webhook, duration_ms }: Story): string {
  const width = Math.max(...training.states.map(({ state }) => state.length));
  const states = training.states.map(({ state, seconds }) =>
    `  ${state.padEnd(width)}  ${state === training.status ? '' : `${seconds.toFixed(2)} s`}`.trimEnd(),
  );
  const pictures = images.map(
    ({ path, width, height, size, sha256 }, index) =>
      `Image ${index + 1}   ${path}\n          ${width}×${height}, ${size} bytes, sha256 ${sha256}`,
  );
  return `Avatar    ${avatar.id}  ${avatar.status}, ${avatar.photos_count} photos
Training  ${training.id}  ${training.status}${training.sandbox ? ' (sandbox: nothing was paid, nothing is real)' : ''}
Webhook   ${webhook.received ? 'received, signature verified' : 'not received; the result was found by asking'}

${states.join('\n')}

LoRA      ${artifacts.lora.path}
          ${artifacts.lora.size} bytes, sha256 ${artifacts.lora.sha256}
Config    ${artifacts.config.path}
          ${artifacts.config.size} bytes, sha256 ${artifacts.config.sha256}

Images    ${generation.id}  ${generation.status}: ${generation.final_prompt}
${pictures.join('\n')}

Done in ${(duration_ms / 1000).toFixed(1)} s.
`;
}
