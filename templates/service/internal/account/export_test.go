package account

import "database/sql"

// DB is the database, for tests.
func (a *Accounts) DB() *sql.DB { return a.db }

// HashMemory is how many bytes a new hash takes while it is made.
var HashMemory = float64(argon2id.memory << 10)

// Watch puts another database in place of it.
func (a *Accounts) Watch(by func(*sql.DB) *sql.DB) { a.db = by(a.db) }
