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
  app_requested: (
    _product: string,
    {
      app,
      organization,
      person,
      message,
    }: { app: string; organization: string; person: string; message: string },
  ) => ({
    subject: `${person} asks for the app ${app} in ${organization}`,
    paragraphs: [
      `${person} would like to connect ${app} to ${organization}. You decide whether members may.`,
      ...(message === '' ? [] : [`${person} writes: “${message}”`]),
      'Until you decide, the app gets no access.',
    ],
    button: 'See the request',
  }),
  app_decided: (
    _product: string,
    { app, organization, decision }: { app: string; organization: string; decision: 'allowed' | 'denied' },
  ) => ({
    subject:
      decision === 'allowed'
        ? `You can connect ${app} to ${organization}`
        : `${app} was not allowed in ${organization}`,
    paragraphs:
      decision === 'allowed'
        ? [`An administrator of ${organization} allowed ${app}. Open ${app} and connect it again to go on.`]
        : [
            `An administrator of ${organization} decided against ${app}, so it gets no access. Ask an owner of ${organization} if you need to know why.`,
          ],
    button: '',
  }),
  end: (product: string) => `This is an automatic message of ${product} about your account.`,
};

export type MailMessages = typeof en;
