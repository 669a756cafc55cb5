export const device = {
  title: 'Connect a device',
  errorTitle: 'Check the code',
  lead: 'Type the code that your device shows.',
  code: 'Code',
  confirm: {
    title: 'Is this your device?',
    lead: (client: string) => `It runs ${client} and shows this code:`,
    yes: 'Yes, the codes are the same',
    no: 'No, cancel',
    warning:
      'Did somebody send you this code? Then cancel: whoever holds the device gets access to your account.',
  },
  connected: {
    title: 'Your device is connected',
    yourDevice: 'Your device',
    text: (client: string) => `${client} has what it needs. You can close this page and go on there.`,
  },
  errors: {
    noCode: 'Type the code that your device shows.',
    notFound: 'There is no such code. Compare it with the one on your device.',
    expired: 'This code has expired. Start again on your device.',
    used: 'This code was used already. Start again on your device.',
    aborted: 'You cancelled. Your device gets no access.',
    other: 'That didn’t work. Type the code again.',
  },
  paused: {
    title: 'Too many attempts',
    text: (wait: string) => `None of these codes was right. Wait ${wait}, then type the one on your device.`,
  },
};
