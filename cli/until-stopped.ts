/** Runs what is started until SIGINT or SIGTERM, then closes it in order; a second signal does not wait for that. */

/**
 * @param start called at once; resolves with what closes it. Told to stop in the middle of that, it is closed in order too.
 */
export async function untilStopped(start: () => Promise<() => Promise<void>>): Promise<void> {
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  let times = 0;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      times += 1;
      if (times > 1) process.exit(130);
      stop();
    });
  }
  const close = await start();
  await stopped;
  await close();
}
