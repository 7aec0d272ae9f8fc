// What a participant sends: the browser's fake camera and microphone, or pictures with so much grain that the bandwidth allowed
// decides how much is sent, and an encoder still finds a quality for it.
const kSmallCamera = { width: 320, height: 240, frameRate: 15 };
const kPictures = 12;
const kGrain = 40; // of 256 shades

export async function cameraTracks(video = kSmallCamera) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video });
  return stream.getTracks();
}

function noise(width, height) {
  const picture = new ImageData(width, height);
  for (let at = 0; at < picture.data.length; at += 4) {
    const grey = 128 + (Math.random() - 0.5) * kGrain;
    picture.data.fill(grey, at, at + 3);
    picture.data[at + 3] = 255;
  }
  return picture;
}

export function noiseTracks({ width, height, rate }) {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d');
  const pictures = Array.from({ length: kPictures }, () => noise(width, height));
  let shown = 0;
  setInterval(() => context.putImageData(pictures[shown++ % kPictures], 0, 0), 1000 / rate);
  return canvas.captureStream(rate).getVideoTracks();
}
