/** A bar of a plot, with the range of its rounds if there were several. */
export type Bar = { name: string; value: number; low?: number; high?: number };

const row = 34;
const left = 290;
const width = 760;

/** Draws bars, ours first, as an SVG document. */
export function plotBars(title: string, unit: string, bars: readonly Bar[]): string {
  const most = Math.max(...bars.map(({ value, high }) => high ?? value));
  const scale = (value: number) => ((width - left - 100) * value) / most;
  const drawn = bars.map(({ name, value, low = value, high = value }, index) => {
    const y = 44 + index * row;
    const [from, to] = [low, high].map((end) => (left + scale(end)).toFixed(1));
    return [
      `<text x="${left - 10}" y="${y + 15}" text-anchor="end">${escaped(name)}</text>`,
      `<rect x="${left}" y="${y}" width="${scale(value).toFixed(1)}" height="20" fill="${index === 0 ? '#2563eb' : '#94a3b8'}"/>`,
      ...(low < high
        ? [`<path d="M${from} ${y + 10}H${to}M${from} ${y + 5}v10M${to} ${y + 5}v10" stroke="#0f172a"/>`]
        : []),
      `<text x="${Number(to) + 8}" y="${y + 15}">${shortened(value)} ${escaped(unit)}</text>`,
    ].join('');
  });
  const height = 54 + bars.length * row;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13">` +
    `<rect width="${width}" height="${height}" fill="#fff"/>` +
    `<text x="10" y="24" font-size="15" font-weight="bold">${escaped(title)}</text>${drawn.join('')}</svg>\n`
  );
}

/** Rounds a number to its significant digits. */
export function shortened(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
