/* biome-ignore-all lint/suspicious/noConsole: the one line that says why an app did not start. */

/**
 * Runs an app's `start` until SIGINT, SIGTERM or the end of the process that started it, then the `stop` that it
 * returned. A failure to start is one line on standard error and exit code 1.
 */
export async function runApp(name: string, start: () => Promise<() => Promise<void>>): Promise<void> {
  let stop: () => Promise<void>;
  try {
    stop = await start();
  } catch (error) {
    console.error(`keystile ${name}: ${error instanceof Error ? error.message : error}`);
    process.exit(1);
  }

  let stopping = false;
  const end = async () => {
    if (stopping) return;
    stopping = true;
    await stop();
    process.exit(0);
  };
  process.once('SIGINT', end).once('SIGTERM', end).once('disconnect', end);
  process.send?.('ready');
}
