# One image for all apps; docker-compose.yml chooses the command.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Without the development dependencies: no embedded PostgreSQL, no browser, and no Node beside the image's own.
RUN npm ci --omit=dev --no-progress

FROM ${NODE_IMAGE}
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY package.json ./
COPY migrations migrations
COPY packages packages
COPY apps apps
# The worker's files of mail; a volume that is mounted here begins with this owner.
RUN install --directory --owner=node --group=node --mode=0700 .data .data/mail
USER node
EXPOSE 4000 4001
# In exec form, so that SIGTERM reaches Node and not a shell.
CMD ["node", "apps/api/src/main.ts"]
