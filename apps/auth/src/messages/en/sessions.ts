/** The browsers in which a person is signed in. */
export const sessions = {
  name: 'Sign-ins',
  about: 'Where you are signed in, and sign out from afar.',
  title: 'Where you are signed in',
  lead: 'Apps that you have let in are not among these: they stay as they are.',
  browserOn: (browser: string, system: string) => `${browser} on ${system}`,
  unknownBrowser: 'An unknown browser',
  unknownSystem: 'an unknown system',
  thisOne: 'this browser',
  lastUsed: (time: string) => `Last used ${time}`,
  started: (time: string) => `Signed in ${time}`,
  from: (address: string) => `From ${address}`,
  end: 'Sign out',
  endWhat: (browser: string) => `Sign out: ${browser}`,
  endOthers: 'Sign out all others',
  endAll: 'Sign out everywhere, here too',
  empty: { title: 'Nowhere', text: 'You are signed in nowhere.' },
};
