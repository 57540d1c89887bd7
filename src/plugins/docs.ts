import { createHash } from 'node:crypto';
import Fastify, { type FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';

type File = { type: string; body: Buffer; policy: string };

/** Interactive documentation at /docs, without resources of other hosts. */
export const docsPlugin = fp(
  async (app) => {
    let pages: Promise<FastifyInstance> | undefined;
    const files = new Map<string, File>();

    async function fileAt(path: string): Promise<File> {
      pages ??= buildPages();
      const { headers, body } = await (await pages).inject(path);
      const isPage = path === '/docs/';
      const file = {
        type: String(headers['content-type']),
        // A shared buffer: a string would be copied per reader.
        body: Buffer.from(isPage ? body.replace('src="js/', 'src="/docs/js/') : body),
        policy: isPage ? policyOf(body) : "default-src 'none'",
      };
      files.set(path, file);
      return file;
    }

    for (const [route, path] of [
      ['/docs', '/docs/'],
      ['/docs/', '/docs/'],
      ['/docs/js/scalar.js', '/docs/js/scalar.js'],
    ] as const) {
      app.get(route, { schema: { hide: true } }, async (_request, reply) => {
        const { type, body, policy } = files.get(path) ?? (await fileAt(path));
        return reply
          .type(type)
          .header('content-security-policy', policy)
          .header('cache-control', 'public, max-age=3600')
          .send(body);
      });
    }
  },
  { name: 'docs' },
);

// Five megabytes of script, loaded on first use instead of at start.
async function buildPages(): Promise<FastifyInstance> {
  const { default: scalar } = await import('@scalar/fastify-api-reference');
  const pages = Fastify();
  await pages.register(scalar, {
    routePrefix: '/docs',
    configuration: {
      url: '/openapi.json',
      pageTitle: 'Likeness API',
      withDefaultFonts: false,
      agent: { disabled: true },
      mcp: { disabled: true },
      // Schemas list common members first.
      orderSchemaPropertiesBy: 'preserve',
      orderRequiredPropertiesFirst: false,
      showDeveloperTools: 'never',
      telemetry: false,
      hideClientButton: true,
      favicon: 'data:,',
      authentication: { preferredSecurityScheme: 'key' },
    },
  });
  return pages;
}

function policyOf(body: string): string {
  const scripts = [...body.matchAll(/<script(?! src)[^>]*>([^]*?)<\/script>/g)].map(
    ([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
  );
  return [
    "default-src 'none'",
    `script-src 'self' ${scripts.join(' ')}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}
