/** The account area: what all its pages say, and its home. */
export const account = {
  navigation: 'Account',
  signOut: 'Sign out',
  home: {
    name: 'Overview',
    about: 'Who you are here, and where you belong.',
    title: 'Your account',
    you: 'About you',
    yourName: 'Name',
    noOrganization: {
      title: 'No organization yet',
      text: 'Ask an owner of yours to add you.',
    },
  },
  confirm: {
    title: 'Confirm that it’s you',
    lead: (email: string) => `You are about to change something sensitive. Confirm that you are ${email}.`,
    submit: 'Confirm',
    wrong: 'That isn’t right. Try again.',
    noWay: 'Your account has nothing to confirm with yet. Sign out, and reset your password.',
    backToAccount: 'Back to your account',
  },
  /** What was just done, on the page that follows: its key is the `done` of that page’s query. */
  done: {
    saved: 'Your changes are saved.',
    emailChanged: 'Your new e-mail address is in use.',
    passwordChanged: 'Your password is changed. All other browsers and all apps are signed out.',
    signedOut: 'That browser is signed out.',
    othersSignedOut: 'All other browsers are signed out.',
    totpAdded: 'The authenticator app is set up.',
    totpRemoved: 'The authenticator app is removed.',
    passkeyAdded: 'The passkey is added.',
    passkeyRemoved: 'The passkey is removed.',
    scopeDropped: 'The app has lost that permission.',
    appDisconnected: 'The app is disconnected: its access has ended.',
    appAllowed: 'The app is allowed. Members who asked for it get an e-mail.',
    appDenied: 'The app is denied: whatever access it had has ended. Members who asked for it get an e-mail.',
    accessEnded: 'The access has ended.',
  },
};
