# One image for the api, the projector and the worker; PostgreSQL, Redis and the event store are elsewhere.
ARG NODE_IMAGE=node:20-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build

# Without the optional packages, which hold the embedded mode's PostgreSQL.
FROM ${NODE_IMAGE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM ${NODE_IMAGE}
ENV NODE_ENV=production NODE_OPTIONS=--enable-source-maps HOST=0.0.0.0 PORT=8080
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json permissions.json LICENSE ./
COPY migrations ./migrations
# Owned by root and only read: the root file system may be read-only.
USER node
EXPOSE 8080
# For the api; docker-compose.yml has the other processes'.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/livez`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Run it with an init process (`docker run --init`), which reaps children and passes signals on.
ENTRYPOINT ["node", "dist/main.js"]
CMD ["api"]
