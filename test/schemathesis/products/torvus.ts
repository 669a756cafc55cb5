import { torvus } from '../../../packages/catalog/products/torvus.ts';
import { withRoom } from '../../support/with-room.ts';

export const product = withRoom(torvus);
