// A tab with pages/echo.html, as calls that a test makes.
import { eventually } from './process.mjs';

export class EchoPage {
  static async open(browser, gateway, settings) {
    const self = new EchoPage();
    self.page = await browser.tab('echo.html');
    await self.page.evaluate((url) => window.echo.connect(url), gateway.url);
    self.sends = await self.page.evaluate((codec) => window.echo.sends(codec), settings.codec);
    if (self.sends) await self.page.evaluate((given) => window.echo.start(given), settings);
    else await self.close();
    return self;
  }

  configure(body) { return this.page.evaluate((given) => window.echo.configure(given), body); }
  stats() { return this.page.evaluate(() => window.echo.stats()); }
  events() { return this.page.evaluate(() => window.echo.events); }
  answer() { return this.page.evaluate(() => window.echo.answer); }
  close() { return this.page.evaluate(() => window.echo.close()).then(() => this.page.context().close()); }
  // Metadata of the frames that came since the last call.
  frames() { return this.page.evaluate(() => window.echo.frames.splice(0)); }

  // Until pictures of that width are shown.
  async width(wanted, within = 20000) {
    const shown = async () => {
      const { inbound, videoWidth } = await this.stats();
      return inbound?.frameWidth === wanted && videoWidth === wanted && inbound;
    };
    try {
      return await eventually(shown, { within, every: 100, what: `pictures of width ${wanted}` });
    } catch (error) {
      const { inbound, outbound, videoWidth } = await this.stats();
      const sent = outbound.map(({ rid, frameWidth, framesPerSecond, active, qualityLimitationReason, scalabilityMode, targetBitrate }) =>
        ({ rid, frameWidth, framesPerSecond, active, qualityLimitationReason, scalabilityMode, targetBitrate }));
      error.message += `; shown ${videoWidth}, decoded ${inbound?.frameWidth}, sent ${JSON.stringify(sent)}, told ${JSON.stringify(await this.events())}`;
      throw error;
    }
  }
}

// What a receiver must not be able to tell apart from one stream: every frame refers to frames that came, time only goes on.
export function complaintsAbout(frames) {
  const complaints = [];
  const known = new Set();
  let last;
  frames.forEach((frame, i) => {
    const about = `frame ${i} (${JSON.stringify(frame)}) after ${JSON.stringify(last)}`;
    if (frame.frameId !== undefined) {
      const missing = (frame.dependencies ?? []).filter((id) => !known.has(id));
      if (frame.type !== 'key' && known.size > 0 && missing.length > 0) complaints.push(`${about}: ${missing} never came`);
      if (known.has(frame.frameId)) complaints.push(`${about}: its number came before`);
      if (last?.frameId > frame.frameId) complaints.push(`${about}: numbers go back`);
      known.add(frame.frameId);
    }
    const step = last ? (frame.time - last.time) | 0 : 0; // 32 bits that wrap
    if (step < 0 || step > 90000) complaints.push(`${about}: a step of ${step}`);
    last = frame;
  });
  return complaints;
}
