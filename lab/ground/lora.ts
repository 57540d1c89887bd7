/** @returns the smallest safetensors file: one number (uint32), which tells it from others */
export function smallLora(value: number): Buffer {
  const header = JSON.stringify({ lora: { dtype: 'U32', shape: [1], data_offsets: [0, 4] } });
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const tensor = Buffer.alloc(4);
  tensor.writeUInt32LE(value);
  return Buffer.concat([length, Buffer.from(header), tensor]);
}
