/** Whether a name has room for one more in this minute, in this process. */
export function limitByMinute(max: number): (name: string) => boolean {
  let minute = 0;
  const counts = new Map<string, number>();
  return (name) => {
    const now = Math.floor(Date.now() / 60_000);
    if (now !== minute) counts.clear();
    minute = now;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count <= max;
  };
}
