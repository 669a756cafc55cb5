/** One’s organizations: to look at, to leave, and to manage their members. */
export const organizations = {
  area: { name: 'Organizations', about: 'Where you belong, and who belongs there with you.' },
  title: 'Your organizations',
  none: { title: 'No organization yet', text: 'Ask an owner of yours to invite you.' },
  members: 'Members',
  membersOf: (organization: string) => `Members of ${organization}`,
  leave: 'Leave',
  leaveWhich: (organization: string) => `Leave ${organization}`,
  create: {
    title: 'New organization',
    about: 'You become its owner, and can invite others.',
    name: 'Name of the organization',
    submit: 'Create organization',
  },
  leaving: {
    title: (organization: string) => `Leave ${organization}?`,
    text: 'You lose access to all its data at once, and so do the apps that you have let in there. To come back, you need a new invitation.',
  },
  list: {
    lead: (organization: string) => `of ${organization}`,
    you: 'you',
    pending: 'has not accepted yet',
    change: 'Change',
    changeWhom: (name: string) => `Change ${name}`,
    next: 'More members',
  },
  invitations: {
    title: 'Invitations',
    about: 'Sent by e-mail, with a link that works once.',
    none: { title: 'No open invitations', text: 'Those that nobody has accepted yet stand here.' },
    until: (day: string) => `until ${day}`,
    expired: 'expired',
    resend: 'Send again',
    resendWhich: (email: string) => `Send again to ${email}`,
    withdraw: 'Withdraw',
    withdrawWhich: (email: string) => `Withdraw the invitation of ${email}`,
  },
  invite: {
    title: 'Invite somebody',
    role: 'Role',
    submit: 'Send invitation',
  },
  member: {
    lead: (email: string, organization: string) => `${email} in ${organization}`,
    role: 'Role',
    roleAbout: 'What it allows is decided anew at each request: a change counts at once.',
    save: 'Save role',
    remove: 'Remove from the organization',
    removeAbout:
      'All access to the organization’s data ends at once, that of apps, too. The account itself stays.',
    back: 'Back to the members',
  },
  errors: {
    name: (most: number) => `Give the organization a name of up to ${most} characters.`,
    tooMany: (most: number) => `You own ${most} organizations already. Leave one first.`,
    lastOwner: 'An organization needs an owner, and this is the last one. Make somebody else owner first.',
    email: 'That is no e-mail address. Check it, and send the invitation again.',
    role: 'Choose one of the roles.',
    beyond: 'That role is above your own. Ask an owner to do it.',
    there:
      'This address belongs to a member already, or has an invitation: look for it in the lists, and send that one again.',
    tooManyInvitations:
      'Many invitations have gone out, from your organization or to this address. Wait a while, then try again.',
  },
};
