// The gateway that a test of the API talks to: Cardea, or Debian's janus with CARDEA_E2E_TARGET=janus. One set of
// settings for both.
import { startOracle } from './oracle.mjs';
import { eventually } from './process.mjs';

export const isJanus = process.env.CARDEA_E2E_TARGET === 'janus';

// Options of a test whose expectation only Cardea has to meet. Against Cardea nothing is ever skipped.
export const againstCardea = (why) => (isJanus ? { skip: `janus: ${why}` } : {});

const kCardeaKeys = {
  secret: 'api.secret', tokenAuth: 'api.token_auth', tokenSecret: 'api.token_auth_secret', sessionTimeout: 'api.session_timeout',
  reclaimTimeout: 'api.reclaim_session_timeout', opaqueIds: 'api.opaque_id_in_api', stringIds: 'videoroom.string_ids',
  adminKey: 'videoroom.admin_key',
};
const kJanusKeys = {
  secret: 'api_secret', tokenAuth: 'token_auth', tokenSecret: 'token_auth_secret', sessionTimeout: 'session_timeout',
  reclaimTimeout: 'reclaim_session_timeout', opaqueIds: 'opaqueid_in_api', stringIds: 'string_ids', adminKey: 'admin_key',
};
const kOfVideoRoom = new Set(['stringIds', 'adminKey']);

function janusSettings(settings) {
  const text = (names) => names.map((name) => `${kJanusKeys[name]} = ${JSON.stringify(settings[name])}; `).join('');
  const names = Object.keys(settings);
  return { general: text(names.filter((name) => !kOfVideoRoom.has(name))), videoroom: text(names.filter((name) => kOfVideoRoom.has(name))) };
}

export async function startTarget(settings = {}) {
  const cardea = async () => (await import('./gateway.mjs')).startGateway({ set: Object.fromEntries(Object.entries(settings).map(([name, value]) => [kCardeaKeys[name], value])) });
  const target = await (isJanus ? startOracle(janusSettings(settings)) : cardea());
  return Object.assign(target, { eventually });
}
