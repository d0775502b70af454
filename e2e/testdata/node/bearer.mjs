// A service without cookies: the login answers with a token, which the page sends in Authorization. FAULT names what is
// wrong with it.
import { randomUUID } from 'node:crypto';
import express from 'express';
import cors from 'cors';

const { PAGE, FAULT = '' } = process.env;

const tokens = new Map();
const user = (req) => tokens.get((req.get('Authorization') || '').replace('Bearer ', ''));

const app = express();
app.use(cors({ origin: PAGE, credentials: true,
  allowedHeaders: FAULT === 'authorization not allowed' ? 'content-type' : undefined }));
app.use(express.json());
app.get('/code', (req, res) => res.json({ session: user(req) || '' }));
app.post('/login', (req, res) => {
  if (req.body?.user !== 'ann') {
    res.status(401).json({ session: '' });
    return;
  }
  const token = randomUUID();
  tokens.set(token, 'ann');
  res.json({ session: 'ann', token });
});
app.get('/me', (req, res) => res.status(user(req) ? 200 : 401).json({ session: user(req) || '' }));

const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));
