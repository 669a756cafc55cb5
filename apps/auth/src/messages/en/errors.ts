/** Pages of errors. What developers need beside it stays in English. */
export const errors = {
  goBackTo: (host: string) => `Go back to ${host}`,
  facts: { error: 'Error', reason: 'Reason', request: 'Request' },
  paused: {
    title: 'Too many requests',
    text: (wait: string) => `A lot of sign-ins were begun from where you are. Wait ${wait}, then try again.`,
    back: 'Try again',
  },
  pages: {
    refused: {
      title: 'This sign-in can’t go on',
      text: 'The app that sent you here made a request that we can’t accept. Go back to it and try again. If that doesn’t help, tell its maker what you see below.',
    },
    expired: {
      title: 'This sign-in can’t go on',
      text: 'This sign-in has expired or was finished already. Go back to the app and start again.',
    },
    unreadable: {
      title: 'This page can’t go on',
      text: 'We couldn’t read what your browser sent. Nothing was changed: go back and try again.',
    },
    notFound: {
      title: 'This page doesn’t exist',
      text: 'There is nothing at this address. Check it, or go back to the app that you came from.',
    },
    wrongMethod: {
      title: 'This page doesn’t work that way',
      text: 'It can’t be opened by itself. Go back to the page before, and start again there.',
    },
    tooManyRequests: { title: 'Too many requests', text: 'Wait a minute, then try again.' },
    failed: { title: 'Something went wrong on our side', text: 'Try again in a moment.' },
    unavailable: { title: 'We can’t answer right now', text: 'Try again in a moment.' },
  },
};
