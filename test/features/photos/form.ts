export type File = { name?: string; bytes: Buffer | string };

/** A multipart body of file parts, as a browser sends it. */
export function form(...files: (File | Buffer)[]): FormData {
  const data = new FormData();
  files.forEach((file, index) => {
    const { name = `photo-${index + 1}.jpg`, bytes } = Buffer.isBuffer(file) ? { bytes: file } : file;
    data.append('photos', new Blob([bytes]), name);
  });
  return data;
}
