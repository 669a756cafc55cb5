export const signIn = {
  title: 'Sign in',
  failedTitle: 'Sign-in failed',
  toContinueTo: (client: string) => `to continue to ${client}`,
  toAccount: 'to manage your account',
  email: 'E-mail address',
  password: 'Password',
  submit: 'Sign in',
  forgotten: 'Forgot your password?',
  noAccount: 'New here?',
  signUp: 'Create an account',
  // One text for every reason, so that nobody learns which addresses have an account.
  wrong: 'That e-mail address and password don’t match. Check both and try again.',
  paused: {
    title: 'Too many attempts',
    text: (wait: string) =>
      `Sign-in is paused to keep accounts safe. Wait ${wait}, then try again with the right password; or choose a new one by mail, which ends the wait for this browser.`,
    back: 'Back to sign-in',
  },
};
