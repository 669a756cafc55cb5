/** What several pages say. */
export const shared = {
  language: 'Language',
  signedInAs: 'Signed in as',
  useAnotherAccount: 'Use another account',
  cancelAndGoBack: 'Cancel and go back',
  continue: 'Continue',
  cancel: 'Cancel',
  back: 'Back',
  /** A time to wait. */
  wait: (seconds: number) => {
    if (seconds < 90) return seconds === 1 ? 'a second' : `${seconds} seconds`;
    return `${Math.ceil(seconds / 60)} minutes`;
  },
  roles: { owner: 'owner', admin: 'admin', member: 'member', viewer: 'viewer' },
  crossSite: {
    title: 'This form came from another site',
    text: 'Nothing was changed. Go back to the app that you want to use and start again there.',
  },
};
