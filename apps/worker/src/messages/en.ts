import type { Role } from '#catalog';

const roles = { owner: 'owner', admin: 'admin', member: 'member', viewer: 'viewer' };

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
  invitation: (
    product: string,
    {
      organization,
      inviter,
      role,
      days,
    }: { organization: string; inviter: string | null; role: Role; days: number },
  ) => ({
    subject: `You are invited to ${organization} at ${product}`,
    paragraphs: [
      `${inviter ?? organization} invites you to join ${organization} at ${product}, as ${roles[role]}.`,
      `The link works once, for ${days} days. If you don’t know ${organization}, do nothing: without you, nothing happens.`,
    ],
    button: 'Look at the invitation',
  }),
  member_added: (product: string, { organization, role }: { organization: string; role: Role }) => ({
    subject: `You are now in ${organization} at ${product}`,
    paragraphs: [
      `${organization} has added you at ${product}, as ${roles[role]}. Sign in with this e-mail address.`,
      'If you have no password yet, ask on the page of the sign-in for a new one: that makes your first. If you don’t know this organization, do nothing.',
    ],
    button: 'Sign in',
  }),
  end: (product: string) => `This is an automatic message of ${product} about your account.`,
};

export type MailMessages = typeof en;
