// Draws pictures with svg-captcha 1.4.0 for the comparison, or times it.
//   node peer.js samples N   one JSON object {text, svg} a line, with the tutorial's options
//   node peer.js speed       microseconds a picture, the median of 5 rounds
'use strict';
const svgCaptcha = require('svg-captcha');
const options = { size: 4, fontSize: 46, width: 120, height: 30, background: '#F5F7FA' };
const [, , what, count] = process.argv;
if (what === 'samples') {
  for (let i = 0; i < Number(count); i++) {
    const { text, data } = svgCaptcha.create(options);
    process.stdout.write(JSON.stringify({ text, svg: data }) + '\n');
  }
} else {
  const rounds = [];
  let bytes = [];
  for (let r = 0; r < 6; r++) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < 1000; i++) bytes.push(svgCaptcha.create(options).data.length);
    rounds.push(Number(process.hrtime.bigint() - start) / 1000 / 1000);
  }
  rounds.shift(); // warms up
  const median = (v) => v.sort((a, b) => a - b)[v.length >> 1];
  process.stdout.write(JSON.stringify({ micros: median(rounds), bytes: median(bytes) }) + '\n');
}
