import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import type { SentFile } from './routes/route.ts';

/**
 * Sends a file while it is made, no faster than the client takes it. When the client goes away, no more is made. When
 * the rest can't be made, the connection breaks: a part of a file must not look like the whole.
 */
export async function sendFile(response: Response, { name, mediaType, content }: SentFile): Promise<void> {
  response.set('Content-Type', mediaType);
  response.setHeader('Content-Disposition', `attachment; filename="${name}"`);
  if (response.req.method === 'HEAD') {
    response.end();
    return;
  }
  await pipeline(content, response).catch((error: unknown) => {
    const clientLeft =
      error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
    if (!clientLeft) throw error;
  });
}
