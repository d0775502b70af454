// The four routes on express and express-session with the two options that its
// README recommends, and its own MemoryStore or, with STORE_URL, connect-redis.
import express from 'express';
import session from 'express-session';
import { RedisStore } from 'connect-redis';
import { createClient } from 'redis';

let store; // undefined: MemoryStore
if (process.env.STORE_URL) {
  store = new RedisStore({ client: await createClient({ url: process.env.STORE_URL }).connect() });
}
const app = express();
app.use(session({ store, secret: 'a secret of this benchmark', resave: false, saveUninitialized: false }));

app.get('/untouched', (req, res) => {
  res.json({ message: 'who is it', state: 1, result: { user: 'ann', theme: 'dark' } });
});
app.get('/read', (req, res) => {
  if (req.session.user !== 'ann') return res.sendStatus(401);
  res.json({ message: 'who is it', state: 1, result: { user: req.session.user, theme: req.session.theme } });
});
app.post('/write', (req, res) => {
  req.session.count++;
  res.json({ message: 'counted', state: 1, result: { count: req.session.count } });
});
app.post('/open', (req, res) => {
  Object.assign(req.session, { user: 'ann', theme: 'dark', count: 1 });
  res.json({ message: 'opened', state: 1, result: null });
});

app.listen(process.env.PORT, '127.0.0.1');
