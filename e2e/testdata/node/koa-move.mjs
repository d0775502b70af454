// A service in Koa whose users are to stay logged in when another service takes its place. KEYS are app.keys as JSON,
// ALGORITHM that of a Keygrip of one's own, OPTIONS those of koa-session as JSON. With STORE, a directory, sessions are
// files there, each named after the id that is in the cookie. OTHER is a cookie of another service that a logout
// deletes.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Keygrip from 'keygrip';
import Koa from 'koa';
import Router from 'koa-router';
import session from 'koa-session';

const { ADDR = '127.0.0.1:0', ALGORITHM, KEYS, OTHER, OPTIONS = '{}', STORE } = process.env;

const app = new Koa();
const keys = JSON.parse(KEYS);
app.keys = ALGORITHM ? new Keygrip(keys, ALGORITHM) : keys;
app.proxy = true;
app.silent = true;
const options = JSON.parse(OPTIONS);
if (STORE) {
  await mkdir(STORE, { recursive: true });
  const file = (id) => join(STORE, `${encodeURIComponent(id)}.json`);
  options.store = {
    get: (id) => readFile(file(id), 'utf8').then(JSON.parse, () => undefined),
    set: (id, data) => writeFile(file(id), JSON.stringify(data)),
    destroy: (id) => rm(file(id), { force: true }),
  };
}
app.use(session(options, app));

const router = new Router();
router.get('/', (ctx) => {
  ctx.type = 'html';
  ctx.body = '<!doctype html><title>koa</title>';
});
router.post('/login', (ctx) => {
  ctx.session.user = ctx.query.user;
  ctx.body = { user: ctx.session.user };
});
router.post('/cart', (ctx) => {
  ctx.session.cart = ['tea'];
  ctx.body = { user: '' };
});
router.get('/me', (ctx) => {
  ctx.status = ctx.session.user ? 200 : 401;
  ctx.body = { user: ctx.session.user || '' };
});
router.post('/logout', (ctx) => {
  ctx.session = null;
  if (OTHER) {
    ctx.cookies.set(OTHER, null, { signed: false, secure: true });
  }
  ctx.body = { user: '' };
});
app.use(router.routes());

const at = ADDR.lastIndexOf(':');
const server = app.listen(Number(ADDR.slice(at + 1)), ADDR.slice(0, at), () => {
  console.error(`listening on ${server.address().address}:${server.address().port}`);
});
