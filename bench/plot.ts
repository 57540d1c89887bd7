import type { Measured } from './compare.ts';

const row = 34;
const left = 250;
const width = 720;

/** Draws the rates of a comparison as bars with the range of their rounds, as an SVG document of its own. */
export function plotRates(title: string, contenders: readonly Measured[]): string {
  const most = Math.max(...contenders.map(({ rate }) => rate.high));
  const scale = (rate: number) => ((width - left - 90) * rate) / most;
  const bars = contenders.map(({ name, rate }, index) => {
    const y = 44 + index * row;
    const [low, high] = [rate.low, rate.high].map((value) => (left + scale(value)).toFixed(1));
    return [
      `<text x="${left - 10}" y="${y + 15}" text-anchor="end">${escaped(name)}</text>`,
      `<rect x="${left}" y="${y}" width="${scale(rate.median).toFixed(1)}" height="20" fill="${index === 0 ? '#2563eb' : '#94a3b8'}"/>`,
      `<path d="M${low} ${y + 10}H${high}M${low} ${y + 5}v10M${high} ${y + 5}v10" stroke="#0f172a"/>`,
      `<text x="${Number(high) + 8}" y="${y + 15}">${Math.round(rate.median)}/s</text>`,
    ].join('');
  });
  const height = 54 + contenders.length * row;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13">` +
    `<rect width="${width}" height="${height}" fill="#fff"/>` +
    `<text x="10" y="24" font-size="15" font-weight="bold">${escaped(title)}</text>${bars.join('')}</svg>\n`
  );
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
