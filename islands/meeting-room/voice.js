// Voice masking (变声): what other seats hear is shifted in pitch and dulled; the recorder keeps the plain voice.
// Two delay lines whose length runs like a saw shift the pitch, each fading out while it jumps back.

const GRAIN = 0.1; // seconds of one saw tooth
const DOWN = 0.22; // how much lower: a delay that grows by this share of time

function ramp(context, shape) {
  const buffer = context.createBuffer(1, Math.floor(context.sampleRate * GRAIN * 2), context.sampleRate);
  const data = buffer.getChannelData(0);
  for (let i = 0; i < data.length; i += 1) data[i] = shape(i / data.length);
  const source = context.createBufferSource();
  Object.assign(source, { buffer, loop: true });
  return source;
}

/** Return { track, stop }: the masked voice of a microphone track. */
export function maskVoice(microphone) {
  const context = new AudioContext();
  const input = context.createMediaStreamSource(new MediaStream([microphone]));
  const dull = new BiquadFilterNode(context, { type: "lowpass", frequency: 2600 });
  const output = context.createMediaStreamDestination();
  dull.connect(output);
  const started = context.currentTime + 0.05;
  for (const phase of [0, GRAIN]) {
    const delay = new DelayNode(context, { maxDelayTime: 1, delayTime: 0 });
    const length = ramp(context, (x) => x * DOWN * GRAIN * 2);
    const fade = ramp(context, (x) => Math.sin(Math.PI * x) ** 2);
    const gain = new GainNode(context, { gain: 0 });
    length.connect(delay.delayTime);
    fade.connect(gain.gain);
    input.connect(delay).connect(gain).connect(dull);
    length.start(started, phase);
    fade.start(started, phase);
  }
  return { track: output.stream.getAudioTracks()[0], stop: () => context.close() };
}

/** Call `show` with the level of a microphone (0…1) about ten times a second; returns a function that stops it. */
export function meter(microphone, show) {
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 512 });
  context.createMediaStreamSource(new MediaStream([microphone])).connect(analyser);
  const wave = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(wave);
    show(Math.min(1, 4 * Math.sqrt(wave.reduce((sum, x) => sum + x * x, 0) / wave.length)));
  }, 100);
  return () => {
    clearInterval(timer);
    context.close();
  };
}
