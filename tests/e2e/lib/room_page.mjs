// Tests' view of pages/room.html.
export async function joinRoom(browser, gateway, room, name, options = {}) {
  const page = await browser.tab('room.html');
  await page.waitForFunction(() => window.participant !== undefined);
  const id = await page.evaluate((settings) => window.participant.join(settings), { url: gateway.url, room, name, ...options });
  return {
    page,
    id,
    stats: () => page.evaluate(() => window.participant.stats()),
    sent: () => page.evaluate(() => window.participant.sent()),
    restartIce: () => page.evaluate(() => window.participant.restartIce()),
    subscribeToAll: () => page.evaluate(() => window.participant.subscribeToAll()),
    leave: () => page.evaluate(() => window.participant.leave()),
    close: () => page.context().close(),
    // The renderer is gone at once: no unload handler, no goodbye.
    crash: async () => {
      const devtools = await page.context().newCDPSession(page);
      devtools.send('Page.crash').catch(() => {});
      await page.waitForEvent('crash', { timeout: 10000 });
    },
  };
}

export const videoOf = (stats) => stats.received.filter(({ kind }) => kind === 'video');
export const audioOf = (stats) => stats.received.filter(({ kind }) => kind === 'audio');
export const framesDecoded = (stats) => videoOf(stats).reduce((sum, { framesDecoded: frames }) => sum + frames, 0);
