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
  end: (product: string) => `This is an automatic message of ${product} about your account.`,
};

export type MailMessages = typeof en;
