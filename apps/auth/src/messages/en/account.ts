/** The account area: what all its pages say, and its home. */
export const account = {
  title: 'Your account',
  navigation: 'Account',
  signOut: 'Sign out',
};
