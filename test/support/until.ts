/** Asks again and again until `condition` holds. Throws an Error when it does not within 10 seconds. */
export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('it did not come true within 10 seconds');
    await new Promise((done) => setTimeout(done, 20));
  }
}
