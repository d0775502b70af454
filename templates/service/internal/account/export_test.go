package account

import "database/sql"

// DB is the database, for tests.
func (a *Accounts) DB() *sql.DB { return a.db }

// Watch puts another database in place of it.
func (a *Accounts) Watch(by func(*sql.DB) *sql.DB) { a.db = by(a.db) }
