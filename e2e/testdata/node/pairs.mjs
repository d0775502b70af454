// A service with two cookies, one for the session and one with an anti-forgery token that each POST sends back in a
// header, as Laravel and Django have them. Here the token is new with each answer. LIKE chooses the names, FAULT what is
// wrong.
import { randomUUID } from 'node:crypto';
import express from 'express';
import cors from 'cors';

const { PAGE, FAULT = '', LIKE } = process.env;
const names = {
  laravel: { session: 'laravel_session', token: 'XSRF-TOKEN', header: 'X-XSRF-TOKEN', refused: 419 },
  django: { session: 'sessionid', token: 'csrftoken', header: 'X-CSRFToken', refused: 403 },
}[LIKE];
const domain = FAULT === 'token of another host' ? '' : '; Domain=shop.test';
const hidden = FAULT === 'token that scripts cannot read' ? '; HttpOnly' : '';
const site = FAULT === 'session without Secure' ? 'SameSite=None' : 'Secure; SameSite=Lax';

const sessions = new Map();
const cookie = (req, name) => (req.get('Cookie') || '').split('; ').find((c) => c.startsWith(name + '='))
  ?.slice(name.length + 1);

const app = express();
app.use(cors({ origin: PAGE, credentials: true }));
app.use(express.json());
app.use((req, res, next) => {
  res.set('Cache-Control', 'no-store');
  const before = cookie(req, names.token);
  res.append('Set-Cookie', `${names.token}=${encodeURIComponent(randomUUID() + '=')}; Path=/; Secure; SameSite=Lax` +
    domain + hidden);
  if (req.method === 'POST' && (!before || req.get(names.header) !== decodeURIComponent(before))) {
    res.status(names.refused).json({ session: '' });
    return;
  }
  next();
});
app.get('/code', (req, res) => res.json({ session: sessions.get(cookie(req, names.session)) || '' }));
app.post('/login', (req, res) => {
  if (req.body?.user !== 'ann') {
    res.status(422).json({ session: '' });
    return;
  }
  const id = randomUUID();
  sessions.set(id, 'ann');
  res.append('Set-Cookie', `${names.session}=${id}; Path=/; HttpOnly; ${site}`);
  res.json({ session: 'ann' });
});
app.get('/me', (req, res) => {
  const user = sessions.get(cookie(req, names.session));
  res.status(user ? 200 : 401).json({ session: user || '' });
});

const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));
