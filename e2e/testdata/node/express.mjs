// A service in Express as many are: express-session and cors. FAULT names what is wrong with it.
import express from 'express';
import cors from 'cors';
import session from 'express-session';

const { PAGE, FAULT = '' } = process.env;

const policies = {
  'no credentials': { origin: PAGE },
  'default cors': {},
  'any origin': { origin: true, credentials: true },
  'header not allowed': { origin: PAGE, credentials: true, allowedHeaders: ['content-type'] },
};
const cookies = {
  'default cookie': {},
  'none without secure': { sameSite: 'none' },
};
const cookie = cookies[FAULT] || { sameSite: 'lax', secure: PAGE.startsWith('https:') };
const sessions = (more) => session({
  secret: 'not a secret here', resave: false, saveUninitialized: false, cookie: { ...cookie, ...more },
});

const app = express();
app.set('trust proxy', FAULT !== 'proxy not trusted');
app.use(cors(policies[FAULT] || { origin: PAGE, credentials: true }));
app.use(express.json());
if (FAULT === 'two paths') {
  app.use('/login', sessions({ path: '/login' })); // as of an application that was mounted there
}
app.use(sessions());
app.use((req, res, next) => {
  res.set('Cache-Control', 'no-store');
  next();
});
app.get('/code', (req, res) => {
  req.session.code = Math.random().toString(36).slice(2, 6); // as svg-captcha's text
  res.json({ session: req.session.user || '' });
});
app.post('/login', (req, res) => {
  if (req.body?.user !== 'ann') {
    res.status(401).json({ session: '' });
    return;
  }
  req.session.user = 'ann';
  if (FAULT === 'login expires the cookie') {
    req.session.cookie.expires = new Date(0);
  }
  res.json({ session: 'ann' });
});
app.get('/me', (req, res) => {
  res.status(req.session.user ? 200 : 401).json({ session: req.session.user || '' });
});
app.get('/user', (req, res) => {
  res.redirect(FAULT === 'redirects to http' ? `http://${req.get('Host')}/me` : '/me');
});

const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));
