/** Whether a host is fal's, such as queue.fal.run, rest.fal.ai, v3b.fal.media or queue.falrun.com. */
export function isFalHost(host: string): boolean {
  return /(^|\.)(fal\.(run|ai|media|dev)|falrun\.com)$/.test(host);
}

/** Maps `https://HOST/PATH` of fal to `BASE/HOST/PATH` (fal contract §5.2); other addresses stay. */
export function mapFalUrl(address: string, base: string): string {
  const url = new URL(address);
  if (url.protocol !== 'https:' || !isFalHost(url.hostname)) return address;
  return `${base}/${url.hostname}${url.pathname}${url.search}`;
}

/** A `fetch` for createFalClient that calls the sandbox at `base` instead of fal. */
export function mappedFetch(base: string): typeof fetch {
  return (input, init) => {
    const address = input instanceof Request ? input.url : String(input);
    return fetch(mapFalUrl(address, base), init);
  };
}
