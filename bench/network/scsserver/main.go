// Command scsserver has the four routes of the benchmark on net/http with
// alexedwards/scs, default options, and the one of its stores that STORE names,
// at STORE_URL.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/alexedwards/scs/goredisstore"
	"github.com/alexedwards/scs/pgxstore"
	"github.com/alexedwards/scs/redisstore"
	"github.com/alexedwards/scs/v2"
	"github.com/gomodule/redigo/redis"
	"github.com/jackc/pgx/v5/pgxpool"
	goredis "github.com/redis/go-redis/v9"

	"github.com/sessionseed/sessionseed/templates/service/bench/service/plain"
)

func main() {
	m := scs.New()
	var err error
	if m.Store, err = open(context.Background(), os.Getenv("STORE"), os.Getenv("STORE_URL")); err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), plain.WithSCS(m)))
}

// open opens a store. go-redis and pgx take the size of
// their pool from the URL; redigo, whose URL has no such parameter, keeps as many
// connections as are asked for.
func open(ctx context.Context, name, url string) (scs.Store, error) {
	switch name {
	case "goredisstore":
		options, err := goredis.ParseURL(url)
		if err != nil {
			return nil, err
		}
		return goredisstore.New(goredis.NewClient(options)), nil
	case "redisstore":
		return redisstore.New(&redis.Pool{
			MaxIdle: 100, // as many as are in use at one time: none is closed
			Dial:    func() (redis.Conn, error) { return redis.DialURL(url) },
		}), nil
	case "pgxstore":
		pool, err := pgxpool.New(ctx, url)
		if err != nil {
			return nil, err
		}
		_, err = pool.Exec(ctx, `
			CREATE TABLE IF NOT EXISTS sessions (
				token TEXT PRIMARY KEY, data BYTEA NOT NULL, expiry TIMESTAMPTZ NOT NULL);
			CREATE INDEX IF NOT EXISTS sessions_expiry_idx ON sessions (expiry)`)
		return pgxstore.New(pool), err
	default:
		return nil, fmt.Errorf("no store %q", name)
	}
}
