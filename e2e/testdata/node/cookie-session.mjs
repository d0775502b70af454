// A service in Express with cookie-session, which keeps the session in the cookie. FAULT names what is wrong with it.
import express from 'express';
import cors from 'cors';
import session from 'cookie-session';

const { PAGE, FAULT = '' } = process.env;

const app = express();
app.set('trust proxy', FAULT !== 'proxy not trusted');
app.use(cors({ origin: PAGE, credentials: true }));
app.use(express.json());
app.use(session({ name: 'session', keys: ['not a secret here'], sameSite: 'lax', secure: PAGE.startsWith('https:') }));
app.use((req, res, next) => {
  res.set('Cache-Control', 'no-store');
  next();
});
app.get('/code', (req, res) => {
  res.json({ session: req.session.user || '' });
});
app.post('/login', (req, res) => {
  if (req.body?.user !== 'ann') {
    res.status(401).json({ session: '' });
    return;
  }
  req.session.user = 'ann';
  if (FAULT === 'too big') {
    req.session.basket = 'x'.repeat(4000);
  }
  res.json({ session: 'ann' });
});
app.get('/me', (req, res) => {
  res.status(req.session.user ? 200 : 401).json({ session: req.session.user || '' });
});

const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));
