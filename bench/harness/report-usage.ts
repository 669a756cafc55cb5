// Loaded into each server that is measured, before its own program: tells its processor time when it is asked.
process.on('message', (message) => {
  if (message !== 'usage') return;
  const { user, system } = process.cpuUsage();
  process.send?.(user + system);
});
