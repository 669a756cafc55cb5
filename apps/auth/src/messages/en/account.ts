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
    organizationCreated: 'Your organization is ready.',
    organizationLeft: 'You have left the organization.',
    joined: 'You have joined the organization.',
    invited: 'The invitation is on its way.',
    invitationResent: 'The invitation is on its way again.',
    invitationWithdrawn: 'The invitation is withdrawn: its link leads nowhere now.',
    roleChanged: 'The role is changed.',
    memberRemoved: 'The member is removed.',
  },
};
