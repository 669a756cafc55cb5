import { type AccountMailData, type Role, timeWords } from '#catalog';

const roles = { owner: 'owner', admin: 'admin', member: 'member', viewer: 'viewer' };

type Factor = 'totp' | 'passkey';
type NewSignIn = AccountMailData['new_sign_in'];

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
  new_sign_in: (product: string, { at, ipAddress, browser, system }: NewSignIn) => ({
    subject: `New sign-in to your account at ${product}`,
    paragraphs: [
      `Somebody, we hope you, signed in to your account at ${product} on a device that had not been used for it before: ${browser ?? 'an unknown browser'} on ${system ?? 'an unknown system'}, from the address ${ipAddress}, on ${timeWords('en', at)}.`,
      'If that was you, there is nothing to do. If it wasn’t you, your password is known to somebody: change it at once. That ends all other sign-ins, too.',
    ],
    button: 'Look at your sign-ins',
  }),
  second_step_failed: (product: string, { failures }: { failures: number }) => ({
    subject: `Somebody failed to sign in to your account at ${product}`,
    paragraphs: [
      `Somebody gave the password of your account at ${product}, and then ${failures} times a wrong code. They were not signed in, and have to wait now.`,
      'If that was you, try again later, or use a recovery code. If it wasn’t you, your password is known to somebody: change it at once.',
    ],
    button: 'Change your password',
  }),
  email_changed: (product: string, { email, days }: { email: string; days: number }) => ({
    subject: `Your account at ${product} has another e-mail address`,
    paragraphs: [
      `The address of your account at ${product} is now ${email}. If that was you, there is nothing to do.`,
      `If it wasn’t you, take your account back. The link works for ${days} days: it brings this address back, removes second steps and recovery codes that were set up since, ends all sign-ins, and lets you choose a new password.`,
    ],
    button: 'Take my account back',
  }),
  second_factor_added: (product: string, { factor, name, days }: AccountMailData['second_factor_added']) => ({
    subject: `Two-step sign-in for ${product}: ${factor === 'totp' ? 'authenticator app' : 'passkey'} added`,
    paragraphs: [
      factor === 'totp'
        ? `An authenticator app was added to your account at ${product}.`
        : `The passkey “${name}” was added to your account at ${product}.`,
      `If that was you, there is nothing to do. If it wasn’t you, take your account back. The link works for ${days} days: it removes this and whatever second steps and recovery codes were set up since, ends all sign-ins, and lets you choose a new password.`,
    ],
    button: 'Take my account back',
  }),
  second_factor_removed: (
    product: string,
    { factor, name, isLast }: { factor: Factor; name: string | null; isLast: boolean },
  ) => ({
    subject: `Two-step sign-in for ${product}: ${factor === 'totp' ? 'authenticator app' : 'passkey'} removed`,
    paragraphs: [
      factor === 'totp'
        ? `The authenticator app was removed from your account at ${product}.`
        : `The passkey “${name}” was removed from your account at ${product}.`,
      ...(isLast ? ['Your password alone is enough to sign in now.'] : []),
      'If it wasn’t you, sign in, change your password, and set up two-step sign-in again.',
    ],
    button: 'Look at your sign-in',
  }),
  recovery_code_used: (product: string, { left }: { left: number }) => ({
    subject: `A recovery code was used for ${product}`,
    paragraphs: [
      `Somebody, we hope you, signed in to your account at ${product} with your password and a recovery code.`,
      left === 0 ? 'That was the last one. Make new ones now.' : `You have ${left} left. Each works once.`,
      'If it wasn’t you, change your password and make new recovery codes at once.',
    ],
    button: 'Look at your sign-in',
  }),
  recovery_codes_renewed: (product: string, _data: object) => ({
    subject: `New recovery codes for ${product}`,
    paragraphs: [
      `New recovery codes were made for your account at ${product}. Those from before don’t work any more.`,
      'If it wasn’t you, change your password and make new recovery codes.',
    ],
    button: 'Look at your sign-in',
  }),
  second_factors_reset: (product: string, _data: object) => ({
    subject: `Two-step sign-in for ${product} was reset`,
    paragraphs: [
      `The operator of ${product} has removed your authenticator app, your passkeys and your recovery codes.`,
      'Your password alone is enough to sign in now. Set up two-step sign-in again.',
      'If you didn’t ask for that, change your password and tell the operator.',
    ],
    button: 'Set it up again',
  }),
  password_reset: (product: string, { hours }: { hours: number }) => ({
    subject: `Choose a new password for ${product}`,
    paragraphs: [
      `The operator of ${product} has reset the password of your account: the former one doesn’t work any more, and all sign-ins have ended. Choose a new one.`,
      `The link works once, for ${hours} hours. After that, ask for another one on the page of the sign-in.`,
    ],
    button: 'Choose a password',
  }),
  account_disabled: (product: string, _data: object) => ({
    subject: `Your account at ${product} is disabled`,
    paragraphs: [
      `The operator of ${product} has disabled your account: you can’t sign in, and no app reaches it.`,
      'If you think that this is a mistake, write to the operator.',
    ],
    button: '',
  }),
  account_enabled: (product: string, _data: object) => ({
    subject: `Your account at ${product} is enabled again`,
    paragraphs: [
      `The operator of ${product} has enabled your account again. Sign in, and connect your apps anew.`,
    ],
    button: 'Sign in',
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
  end: (product: string) => `This is an automatic message of ${product} about your account.`,
};

export type MailMessages = typeof en;
