// The four routes on koa and koa-session, with a memory store (a Map, as
// koa-session's README describes external stores), with STORE_URL a store in
// Redis of the same kind or, with STORE=cookie, the session in the cookie. With
// DUTIES=all it also does what the emitted service does for each request: an
// access log in JSON, CORS with credentials, the two headers, and a router.
import Koa from 'koa';
import session from 'koa-session';
import cors from '@koa/cors';
import Router from '@koa/router';
import pino from 'pino';
import { createClient } from 'redis';

const app = new Koa();
app.keys = ['a secret of this benchmark'];
const all = process.env.DUTIES === 'all';

if (all) {
  const log = pino();
  app.use(async (ctx, next) => {
    const start = performance.now();
    ctx.set('X-Content-Type-Options', 'nosniff');
    ctx.set('Cross-Origin-Resource-Policy', 'same-site');
    await next();
    log.info({
      method: ctx.method, path: ctx.path, status: ctx.status, bytes: ctx.length,
      took: performance.now() - start, client: ctx.ip, scheme: ctx.protocol, origin: ctx.get('Origin'),
    }, 'request');
  });
  app.use(cors({ origin: ctx => (ctx.get('Origin') === 'http://localhost:5173' ? ctx.get('Origin') : ''), credentials: true }));
}

const sessions = new Map();
let store = {
  get: key => sessions.get(key),
  set: (key, session) => { sessions.set(key, session); },
  destroy: key => { sessions.delete(key); },
};
if (process.env.STORE_URL) {
  const client = await createClient({ url: process.env.STORE_URL }).connect();
  store = {
    get: async key => JSON.parse(await client.get(key)),
    set: (key, session, maxAge) => client.set(key, JSON.stringify(session), { PX: maxAge }),
    destroy: key => client.del(key),
  };
}
app.use(session(process.env.STORE === 'cookie' ? {} : { store }, app));

const routes = {
  'GET /untouched': ctx => {
    ctx.body = { message: 'who is it', state: 1, result: { user: 'ann', theme: 'dark' } };
  },
  'GET /read': ctx => {
    if (ctx.session.user !== 'ann') ctx.throw(401);
    ctx.body = { message: 'who is it', state: 1, result: { user: ctx.session.user, theme: ctx.session.theme } };
  },
  'POST /write': ctx => {
    ctx.session.count++;
    ctx.body = { message: 'counted', state: 1, result: { count: ctx.session.count } };
  },
  'POST /open': ctx => {
    Object.assign(ctx.session, { user: 'ann', theme: 'dark', count: 1 });
    ctx.body = { message: 'opened', state: 1, result: null };
  },
};
if (all) {
  const router = new Router();
  for (const [route, handler] of Object.entries(routes)) {
    const [method, path] = route.split(' ');
    router.register(path, [method], handler);
  }
  app.use(router.routes()).use(router.allowedMethods());
} else {
  app.use(ctx => routes[`${ctx.method} ${ctx.path}`]?.(ctx));
}

app.listen(process.env.PORT, '127.0.0.1');
