/** After a form that sends a mail, whether there is an account or not; and the links of mails. */
export const mailSent = {
  title: 'Look into your mail',
  lead: (email: string) => `We’ve sent a mail to ${email}. Open the link in it to go on.`,
  nothing: 'Nothing there after a minute? Look into the spam folder, or have it sent again.',
  again: 'Send it again',
  otherAddress: 'Use another address',
  paused: {
    title: 'Too many requests',
    text: (wait: string) => `A lot of mails were asked for from where you are. Wait ${wait}, then try again.`,
    back: 'Go back',
  },
  gone: {
    title: 'This link doesn’t work any more',
    text: 'It was used already, is too old, or was cut short in the mail. Ask for a new one.',
    again: 'Ask for a new link',
  },
};
