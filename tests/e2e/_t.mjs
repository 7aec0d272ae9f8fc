import { spawn } from 'node:child_process';
import { startGateway } from './lib/gateway.mjs';
import { launchBrowser } from './lib/browser.mjs';
import { JanusConnection, kEchoTest } from './lib/janus_ws.mjs';
const g = await startGateway(); const b = await launchBrowser();
const p = await (await b.newContext()).newPage(); await p.goto(g.httpUrl + '/index.html');
const s = await (await JanusConnection.connect(g.url)).createSession();
const h = await s.attach(kEchoTest);
const offer = await p.evaluate(async () => {
  const c = document.createElement('canvas'); c.width = 640; c.height = 360; const x = c.getContext('2d');
  const img = x.createImageData(640, 360);
  let n = 0;
  setInterval(() => { n++; x.fillStyle = `hsl(${n % 360} 60% 40%)`; x.fillRect(0, 0, 640, 360);
    for (let i = 0; i < 120; ++i) { x.fillStyle = `hsl(${(i * 37 + n * 3) % 360} 80% 60%)`; x.beginPath(); x.arc(320 + 300 * Math.sin(n / 20 + i), 180 + 160 * Math.cos(n / 17 + i * 2), 14 + (i % 9), 0, 7); x.fill(); }
    x.fillStyle = 'white'; x.font = '40px sans'; x.fillText(String(n), 20, 60); }, 1000 / 30);
  const stream = c.captureStream(30);
  const mic = await navigator.mediaDevices.getUserMedia({ audio: true });
  const pc = new RTCPeerConnection(); window.pc = pc;
  pc.addTrack(mic.getAudioTracks()[0], stream); pc.addTrack(stream.getVideoTracks()[0], stream);
  await pc.setLocalDescription(await pc.createOffer());
  return { type: pc.localDescription.type, sdp: pc.localDescription.sdp };
});
const { jsep } = await h.ask({ audio: true, video: true, bitrate: 1000000 }, offer);
await p.evaluate((jsep) => window.pc.setRemoteDescription(jsep), jsep);
await new Promise((r) => setTimeout(r, 25000));
const cap = spawn('python3', ['/tmp/trace/cap.py', String(g.mediaPorts[0]), '/tmp/trace/raw.txt', '22']);
await new Promise((r) => cap.on('exit', r));
await b.close(); await g.stop();
