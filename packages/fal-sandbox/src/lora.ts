import { seededRandom } from './random.ts';

/** Tensors of one attention block of FLUX.1 with a small rank, under diffusers' names. */
const width = 3072;
const rank = 4;
const layers = ['to_q', 'to_k', 'to_v'].map((name) => `transformer.transformer_blocks.0.attn.${name}`);

/**
 * Makes a valid safetensors file of about 150 KB, deterministic by seed: header length in eight bytes, JSON header,
 * tensors in BF16. Its `__metadata__`, which holds only strings, marks it with `sandbox` = "true".
 */
export function loraFile(seed: string, metadata: Record<string, string>): Buffer {
  const tensors = layers.flatMap((layer) => [
    { name: `${layer}.lora_A.weight`, shape: [rank, width] },
    { name: `${layer}.lora_B.weight`, shape: [width, rank] },
  ]);
  const header: Record<string, unknown> = { __metadata__: { format: 'pt', sandbox: 'true', ...metadata } };
  const size = rank * width * 2;
  tensors.forEach(({ name, shape }, index) => {
    header[name] = { dtype: 'BF16', shape, data_offsets: [index * size, (index + 1) * size] };
  });
  const text = JSON.stringify(header);
  const padded = Buffer.from(text.padEnd(text.length + ((8 - (Buffer.byteLength(text) % 8)) % 8)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded, weights(seed, tensors.length * rank * width)]);
}

/** Small numbers around zero; BF16 is the upper half of a float's bits. */
function weights(seed: string, count: number): Buffer {
  const random = seededRandom(seed);
  const bytes = Buffer.alloc(count * 2);
  const float = new Float32Array(1);
  const bits = new Uint32Array(float.buffer);
  for (let index = 0; index < count; index++) {
    float[0] = (random() - 0.5) * 0.04;
    bytes.writeUInt16LE((bits[0] ?? 0) >>> 16, index * 2);
  }
  return bytes;
}
