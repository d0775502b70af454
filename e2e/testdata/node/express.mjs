// A service in Express as many are: express-session and cors. FAULT names what is wrong with it.
import { randomUUID } from 'node:crypto';
import express from 'express';
import cors from 'cors';
import session from 'express-session';

const { PAGE, FAULT = '' } = process.env;

const policies = {
  'no credentials': { origin: PAGE },
  'default cors': {},
  'any origin': { origin: true, credentials: true },
};
const cookies = {
  'default cookie': {},
  'none without secure': { sameSite: 'none' },
};

const app = express();
app.set('trust proxy', FAULT !== 'proxy not trusted');
app.use(cors(policies[FAULT] || { origin: PAGE, credentials: true }));
app.use(session({
  secret: randomUUID(),
  resave: false,
  saveUninitialized: false,
  cookie: cookies[FAULT] || { sameSite: 'lax', secure: PAGE.startsWith('https:') },
}));
app.use((req, res, next) => {
  res.set('Cache-Control', 'no-store');
  next();
});
app.get('/code', (req, res) => {
  req.session.visitor ||= randomUUID();
  res.json({ session: req.session.visitor });
});
const whose = (req, res) => {
  res.status(req.session.visitor ? 200 : 401).json({ session: req.session.visitor || '' });
};
app.post('/login', whose);
app.get('/me', whose);

const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));
