// Loaded into a process that is measured, before its own program: tells the most memory that it ever had, in KiB, when
// it is asked and when it has nothing left to do.
const report = () => process.send?.({ peakKib: process.resourceUsage().maxRSS });
process.on('message', report);
process.once('beforeExit', report);
process.channel?.unref();
