export const signOut = {
  title: 'Sign out',
  heading: (product: string) => `Sign out of ${product}?`,
  asksForIt: (client: string) => `${client} asks for it.`,
  submit: 'Sign out',
  stay: 'Stay signed in',
  note: 'Apps that you have let in keep their access: signing out is about this browser.',
  done: {
    title: 'All done',
    stillSignedIn: 'You are still signed in here.',
    signedOut: 'You are signed out. Apps that you have let in keep their access until you end it.',
  },
};
