import autocannon from 'autocannon';
import { z } from 'zod';

/** What is sent at a server, and for how long. */
const orderSchema = z.object({
  origin: z.string(),
  path: z.string(),
  seconds: z.number(),
  connections: z.number(),
  /** The headers of the requests; each connection has a share of them, and sends them over and over. */
  headers: z.array(z.record(z.string(), z.string())).min(1),
});
export type Order = z.infer<typeof orderSchema>;

/** What came back. Latencies in milliseconds; `failed` counts what was not answered with 2xx. */
export const yieldSchema = z.object({
  requests: z.number(),
  seconds: z.number(),
  failed: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
});
export type Yield = z.infer<typeof yieldSchema>;

// A process of its own, so that what sends does not take time from what measures.
process.on('message', async (message) => {
  process.send?.(await sendRequests(orderSchema.parse(message)));
});
process.once('disconnect', () => process.exit(0));
process.send?.('ready');

/** How much longer to wait for a first answer, on a machine that is busy. */
const patienceSeconds = 60;

async function sendRequests({ origin, path, seconds, connections, headers }: Order): Promise<Yield> {
  const latenciesMs: number[] = [];
  let [startedAt, endedAt, isOver] = [0, 0, false];
  const { non2xx, errors } = await new Promise<autocannon.Result>((done, fail) => {
    const run = autocannon(
      {
        url: origin,
        connections,
        duration: seconds + patienceSeconds,
        // How often it looks whether it has to stop, in milliseconds.
        sampleInt: 50,
        setupClient: giveShares(path, headers, connections),
      },
      (error, result) => (error ? fail(error) : done(result)),
    );
    // Not autocannon's own figures: its time holds the preparation of the requests, its latencies are whole milliseconds.
    run.once('start', () => {
      startedAt = performance.now();
      setTimeout(() => {
        isOver = true;
        if (latenciesMs.length > 0) run.stop();
      }, seconds * 1000);
    });
    run.on('response', (_client, _status, _bytes, latencyMs) => {
      endedAt = performance.now();
      latenciesMs.push(latencyMs);
      if (isOver) run.stop();
    });
  });
  latenciesMs.sort((a, b) => a - b);
  const atShare = (share: number) => latenciesMs[Math.floor(latenciesMs.length * share)] ?? 0;
  return {
    requests: latenciesMs.length,
    seconds: (endedAt - startedAt) / 1000,
    failed: non2xx + errors,
    p50Ms: atShare(0.5),
    p99Ms: atShare(0.99),
  };
}

/** Gives each connection requests of its own, so that no two send the same credential at once. */
function giveShares(path: string, headers: Order['headers'], connections: number) {
  const size = Math.ceil(headers.length / connections);
  let given = 0;
  return (client: autocannon.Client) => {
    const from = (given++ * size) % headers.length;
    const requests = headers.slice(from, from + size).map((each) => ({ path, headers: each }));
    client.setRequests(requests);
  };
}
