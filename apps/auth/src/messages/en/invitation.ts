/** What somebody sees who opens the link of an invitation. */
export const invitation = {
  title: (organization: string) => `Join ${organization}`,
  lead: (email: string, role: string) => `${email} is invited, as ${role}.`,
  join: 'Join',
  account: {
    lead: 'Make your account: your e-mail address is confirmed already.',
    name: 'Your name',
    password: 'Password',
    submit: 'Make account and join',
  },
  signIn: {
    text: 'You have an account with this address. Sign in, and you come back here.',
    submit: 'Sign in',
  },
  wrongPerson: {
    text: (email: string, other: string) =>
      `This invitation is for ${email}, and you are signed in as ${other}. Go on with the other account to accept it.`,
    submit: 'Go on with the other account',
  },
  gone: {
    title: 'This invitation doesn’t work any more',
    text: 'It was used, withdrawn or has expired. If you have joined already, sign in; else ask whoever invited you for a new one.',
    link: 'Sign in',
  },
  nameError: 'Give your name, in up to 200 characters.',
};
