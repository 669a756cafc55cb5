import { vaultwares } from '../../../packages/catalog/products/vaultwares.ts';
import { withRoom } from '../../support/with-room.ts';

export const product = withRoom(vaultwares);
