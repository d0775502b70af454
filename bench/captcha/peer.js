// Draws pictures with svg-captcha for the comparison, with the tutorials' options.
//   node peer.js samples N   writes one JSON object {text, svg} a line
//   node peer.js speed       reads a number a line, draws as many, and writes {micros, sizes}: CPU time in all, bytes of each
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
  require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
    const sizes = new Array(Number(line));
    const start = process.cpuUsage();
    for (let i = 0; i < sizes.length; i++) sizes[i] = svgCaptcha.create(options).data.length;
    const { user, system } = process.cpuUsage(start);
    process.stdout.write(JSON.stringify({ micros: user + system, sizes }) + '\n');
  });
}
