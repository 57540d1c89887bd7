import type { Answer } from './document.ts';
import { renderHtml } from './html.ts';
import { renderJson } from './json.ts';
import { renderMarkdown } from './markdown.ts';
import { renderText } from './text.ts';

export const formats = ['text', 'json', 'md', 'html'] as const;
export type Format = (typeof formats)[number];

export function render(answer: Answer, format: Format): string {
  switch (format) {
    case 'text':
      return renderText(answer);
    case 'json':
      return renderJson(answer);
    case 'md':
      return renderMarkdown(answer);
    case 'html':
      return renderHtml(answer);
  }
}
