/** Making an account. */
export const signUp = {
  title: 'Create your account',
  lead: 'We’ll send you a link to confirm your e-mail address.',
  submit: 'Continue',
  haveOne: 'Have an account already?',
  badEmail: 'Enter a whole e-mail address, such as name@example.com.',
  finish: {
    title: 'Finish your account',
    lead: (email: string) => `${email} is confirmed. A few words more, and you’re in.`,
    name: 'Your name',
    organization: 'Your organization',
    organizationHint: 'Your company or team. You’ll be its owner.',
    submit: 'Create account',
    missing: 'Fill this in, with 200 characters at most.',
  },
  taken: {
    title: 'There is an account with this address',
    text: 'It was made in the meantime. Sign in with it; if you don’t know the password, choose a new one.',
  },
};
