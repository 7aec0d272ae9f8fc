// A gateway to be abused while a call runs on it. After each test it lives, and the call has not noticed.
import assert from 'node:assert/strict';
import { after, afterEach, before } from 'node:test';

import { startGateway } from './gateway.mjs';
import { RunningCall } from './running_call.mjs';

// { gateway, call }, there from the first test on.
export function abuseRig(options) {
  const rig = { gateway: null, call: null };
  before(async () => {
    rig.gateway = await startGateway(options);
    rig.call = await RunningCall.start(rig.gateway.url);
  });
  afterEach(async () => {
    assert.ok(rig.gateway.process.isRunning, rig.gateway.log());
    assert.equal((await rig.gateway.counts()).status, 'ok');
    await rig.call.assertUnharmed();
  });
  after(async () => {
    await rig.call?.stop();
    await rig.gateway?.stop();
  });
  return rig;
}
