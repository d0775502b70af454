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
router.get('/code', (ctx) => {
  ctx.session.visitor ||= randomUUID();
  ctx.session.code = Math.random().toString(36).slice(2, 6); // as svg-captcha's text
  ctx.set('Cache-Control', 'no-store');
  ctx.body = { session: ctx.session.visitor };
});
const whose = (ctx) => {
  ctx.set('Cache-Control', 'no-store');
  ctx.status = ctx.session.visitor ? 200 : 401;
  ctx.body = { session: ctx.session.visitor || '' };
};
router.post('/login', whose);
router.get('/me', whose);
app.use(router.routes());

const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));
