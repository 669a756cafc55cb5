/** Choosing a password: at the sign-up, after it was forgotten, and in the account. */
export const passwords = {
  name: 'Password',
  about: 'Change the password that you sign in with.',
  present: 'Present password',
  chosen: 'New password',
  password: 'Password',
  rules: 'At least 12 characters; several words are good. Longer is better than strange.',
  mistakes: {
    short: 'Use 12 characters or more.',
    long: 'Use 72 characters at most.',
    longAccents:
      'This is longer than can be stored: 72 bytes. Letters with accents count as two, most other signs outside of English as three or four. Shorten it a little.',
    common: 'This one is among those that are tried first. Use several words that don’t belong together.',
    context: 'Don’t use your e-mail address or our name in it: those are tried first.',
    same: 'This is the password that you have. Choose another one.',
    wrong: 'That isn’t your present password. Check it and try again.',
  },
  change: {
    title: 'Password',
    lead: 'All other browsers and all apps are signed out when you change it.',
    submit: 'Change password',
    forgotten: 'Forgot your present password?',
    none: 'You have no password yet. We’ll send you a link to choose one.',
    send: 'Send the link',
  },
  reset: {
    title: 'Choose a new password',
    lead: 'Tell us your e-mail address. We’ll send you a link.',
    submit: 'Send the link',
    backToSignIn: 'Back to sign-in',
    choose: (email: string) => `For the account ${email}. All browsers and all apps are signed out of it.`,
    firstTitle: 'Choose your password',
    chooseFirst: (email: string) => `For the account ${email}.`,
    save: 'Save password',
    done: 'Your password is saved',
    doneText: 'Sign in with it. Whatever was signed in before has ended.',
  },
};
