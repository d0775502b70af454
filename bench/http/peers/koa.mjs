// The four routes on koa and koa-session, with the options of its README and a
// memory store (a Map, as its README describes external stores) or, with
// STORE=cookie, the session in the cookie.
import Koa from 'koa';
import session from 'koa-session';

const app = new Koa();
app.keys = ['a secret of this benchmark'];

const sessions = new Map();
const memory = {
  get: key => sessions.get(key),
  set: (key, session) => { sessions.set(key, session); },
  destroy: key => { sessions.delete(key); },
};
app.use(session(process.env.STORE === 'cookie' ? {} : { store: memory }, app));

app.use(ctx => {
  switch (ctx.path) {
    case '/untouched':
      ctx.body = { message: 'who is it', state: 1, result: { user: 'ann', theme: 'dark' } };
      break;
    case '/read':
      if (ctx.session.user !== 'ann') ctx.throw(401);
      ctx.body = { message: 'who is it', state: 1, result: { user: ctx.session.user, theme: ctx.session.theme } };
      break;
    case '/write':
      ctx.session.count++;
      ctx.body = { message: 'counted', state: 1, result: { count: ctx.session.count } };
      break;
    case '/open':
      Object.assign(ctx.session, { user: 'ann', theme: 'dark', count: 1 });
      ctx.body = { message: 'opened', state: 1, result: null };
      break;
  }
});

app.listen(process.env.PORT, '127.0.0.1');
