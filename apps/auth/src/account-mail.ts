export { accountMailer } from '#store';
