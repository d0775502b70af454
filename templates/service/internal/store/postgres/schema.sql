-- Run by Open when the table does not exist. Run it by hand when the service's role may not create tables, and then
-- grant that role SELECT, INSERT, UPDATE and DELETE.
CREATE TABLE IF NOT EXISTS sessions (
	key    text COLLATE "C" PRIMARY KEY, -- base64url of a SHA-256 sum; with a prefix, such as captcha:, no session
	data   bytea       NOT NULL,
	expiry timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS sessions_expiry ON sessions (expiry);
