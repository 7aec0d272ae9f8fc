// The gateway that a media test runs against: a running one (GATEWAY_URL), Debian's janus (CARDEA_E2E_TARGET=janus), or Cardea.
import { startGateway } from './gateway.mjs';
import { startOracle } from './oracle.mjs';

export const external = process.env.GATEWAY_URL ?? null;
export const isCardea = !external && process.env.CARDEA_E2E_TARGET !== 'janus';

// Options of a test that needs the daemon itself: its configuration, its /proc, the link simulator in its place.
export const needsCardea = isCardea ? {} : { skip: 'only Cardea can be announced behind the link simulator and be looked into' };

export async function startUnderTest(options = {}) {
  if (external)
    return { kind: 'external', url: external, mediaAddress: process.env.GATEWAY_MEDIA_ADDRESS ?? '127.0.0.1', log: () => '', stop: async () => {} };
  return isCardea ? startGateway(options) : startOracle();
}
