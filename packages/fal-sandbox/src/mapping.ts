/** True for a host that belongs to fal: queue.fal.run, rest.fal.ai, v3b.fal.media, queue.falrun.com and their like. */
export function isFalHost(host: string): boolean {
  return /(^|\.)(fal\.(run|ai|media|dev)|falrun\.com)$/.test(host);
}

/** `https://HOST/PATH` of fal becomes `BASE/HOST/PATH` (fal contract §5.2); every other address stays as it is. */
export function mapFalUrl(address: string, base: string): string {
  const url = new URL(address);
  if (url.protocol !== 'https:' || !isFalHost(url.hostname)) return address;
  return `${base}/${url.hostname}${url.pathname}${url.search}`;
}

/** A `fetch` for createFalClient that reaches the sandbox at `base` instead of fal. */
export function mappedFetch(base: string): typeof fetch {
  return (input, init) => {
    const address = input instanceof Request ? input.url : String(input);
    return fetch(mapFalUrl(address, base), init);
  };
}
