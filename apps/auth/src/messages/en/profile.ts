/** Name and e-mail address in the account. */
export const profile = {
  name: 'Profile',
  about: 'Your name and your e-mail address.',
  title: 'Profile',
  yourName: 'Name',
  nameHint: 'Apps see it when you let them. An organization may know you by another one.',
  save: 'Save',
  emailHeading: 'E-mail address',
  emailLead: 'You sign in with it, and our mails go there.',
  change: 'Change address',
  email: {
    title: 'Change your address',
    lead: (email: string) =>
      `Now it is ${email}. We’ll send a link to the new address; until you open it, nothing changes.`,
    chosen: 'New e-mail address',
    submit: 'Send the link',
    back: 'Back to your profile',
    same: 'This is the address that you have already.',
    confirmTitle: 'Confirm your new address',
    confirm: (email: string) =>
      `From now on you sign in as ${email}. The former address gets a mail that can undo it for 7 days.`,
    confirmSubmit: 'Use this address',
    taken: {
      title: 'This address has an account already',
      text: 'It was taken in the meantime. Your account keeps the address that it has.',
    },
    takeBackTitle: 'Take your account back',
    takeBack: (email: string) =>
      `The account belongs to ${email} again. All sign-ins end, second steps and recovery codes that were set up since then are removed, and you choose a new password. If your recovery codes were made anew since then, none are left: make new ones.`,
    takeBackSubmit: 'Take it back',
  },
};
