-- SQL that SQLite and PostgreSQL share. Times are milliseconds since 1970, UTC. A migration that has run is never
-- changed: the next one is a file of its own, with the next number.
CREATE TABLE users (
	id       TEXT   NOT NULL PRIMARY KEY, -- random, and never changes
	email    TEXT   NOT NULL,             -- as given: where mails go
	address  TEXT   NOT NULL UNIQUE,      -- the form in which addresses are compared
	password TEXT   NOT NULL,             -- its hash; empty: the user has none
	created  BIGINT NOT NULL
);

-- Tokens of links that were sent by mail and not used yet. An address that is not confirmed yet has no user, only this.
CREATE TABLE tokens (
	hash     TEXT   NOT NULL PRIMARY KEY, -- base64url of the token's SHA-256
	purpose  TEXT   NOT NULL,             -- what it opens
	user_id  TEXT   NOT NULL,             -- empty: there was no user
	email    TEXT   NOT NULL,             -- what it confirms
	address  TEXT   NOT NULL,
	password TEXT   NOT NULL,             -- the hash that a registration brought
	expires  BIGINT NOT NULL
);
CREATE INDEX tokens_user ON tokens (user_id);
CREATE INDEX tokens_address ON tokens (address);
CREATE INDEX tokens_expires ON tokens (expires);
