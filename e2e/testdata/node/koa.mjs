// A service in Koa as many are: koa-session, @koa/cors and koa-router. FAULT names what is wrong with it.
import { randomUUID } from 'node:crypto';
import Koa from 'koa';
import Router from 'koa-router';
import cors from '@koa/cors';
import session from 'koa-session';

const { PAGE, FAULT = '' } = process.env;

const policies = {
  'no credentials': { origin: PAGE },
  'default cors': {},
  'any origin': { credentials: true },
};
const cookies = {
  'default cookie': { key: 'koa.sess' },
  // Left out, secure would follow the connection in Koa.
  'none without secure': { key: 'koa.sess', sameSite: 'none', secure: false },
};

const app = new Koa();
app.keys = [randomUUID()];
app.proxy = FAULT !== 'proxy not trusted';
app.silent = true;
app.use(cors(policies[FAULT] || { origin: PAGE, credentials: true }));
app.use(session(cookies[FAULT] || { key: 'koa.sess', sameSite: 'lax', secure: PAGE.startsWith('https:') }, app));

const router = new Router();
router.use((ctx, next) => {
  ctx.set('Cache-Control', 'no-store');
  return next();
});
router.get('/code', (ctx) => {
  ctx.session.code = Math.random().toString(36).slice(2, 6); // as svg-captcha's text
  ctx.body = { session: ctx.session.user || '' };
});
router.post('/login', async (ctx) => {
  let body = '';
  for await (const chunk of ctx.req) {
    body += chunk;
  }
  if (JSON.parse(body).user !== 'ann') {
    ctx.status = 401;
    ctx.body = { session: '' };
    return;
  }
  ctx.session.user = 'ann';
  ctx.body = { session: 'ann' };
});
router.get('/me', (ctx) => {
  ctx.status = ctx.session.user ? 200 : 401;
  ctx.body = { session: ctx.session.user || '' };
});
app.use(router.routes());

const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));
