/** What mails about one's own account say in English. The other languages have the same shape. */
export const en = {
  verify_email: (product: string, { hours }: { hours: number }) => ({
    subject: `Confirm your e-mail address for ${product}`,
    paragraphs: [
      `Somebody, we hope you, gave this address for an account at ${product}. Confirm that it is yours.`,
      `The link works once, for ${hours} hours. If it wasn’t you, do nothing: without it, nothing happens.`,
    ],
    button: 'Confirm the address',
  }),
  account_exists: (product: string) => ({
    subject: `You have an account at ${product} already`,
    paragraphs: [
      `Somebody, we hope you, gave this address for an account at ${product}. There is one with it already: sign in with it. If you have forgotten the password, choose a new one.`,
      'If it wasn’t you, do nothing: nothing has changed.',
    ],
    button: 'Choose a new password',
  }),
  no_account: (product: string) => ({
    subject: `No account at ${product} with this address`,
    paragraphs: [
      `Somebody, we hope you, wanted a new password for ${product} with this address, which no account there has. Perhaps yours has another address: try that one.`,
      'If it wasn’t you, do nothing.',
    ],
    button: 'Try another address',
  }),
  reset_password: (product: string, { minutes, first }: { minutes: number; first: boolean }) => ({
    subject: first ? `Choose your password for ${product}` : `Choose a new password for ${product}`,
    paragraphs: [
      first
        ? `Your account at ${product} has no password yet. Choose one to sign in with.`
        : `Somebody, we hope you, has forgotten the password of your account at ${product}. Choose a new one.`,
      `The link works once, for ${minutes} minutes. If it wasn’t you, do nothing: your account stays as it is.`,
    ],
    button: 'Choose a password',
  }),
  password_changed: (product: string) => ({
    subject: `Your password for ${product} was changed`,
    paragraphs: [
      `The password of your account at ${product} was changed just now, and all other sign-ins have ended.`,
      'If it wasn’t you, choose a new password at once: that ends whatever somebody else has begun.',
    ],
    button: 'Choose a new password',
  }),
  email_changed: (product: string, { email, days }: { email: string; days: number }) => ({
    subject: `Your account at ${product} has another e-mail address`,
    paragraphs: [
      `The address of your account at ${product} is now ${email}. If that was you, there is nothing to do.`,
      `If it wasn’t you, take your account back. The link works for ${days} days: it brings this address back, ends all sign-ins, and lets you choose a new password.`,
    ],
    button: 'Take my account back',
  }),
  end: (product: string) => `This is an automatic message of ${product} about your account.`,
};

export type MailMessages = typeof en;
