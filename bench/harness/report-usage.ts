// Loaded into each program that is measured, before its own: tells its processor time and the most memory that it ever had,
// when it is asked and when it has nothing left to do.
const report = () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  process.send?.({ cpuMicroseconds: userCPUTime + systemCPUTime, peakKib: maxRSS });
};
process.on('message', (message) => message === 'usage' && report());
process.once('beforeExit', report);
process.channel?.unref();
