-- Step 1, from an empty file. One b-tree: the key finds the row without a second look-up, and there is no index on
-- expiry because it would double the cost of every commit; Sweep walks the table instead.
CREATE TABLE sessions (
	key    TEXT    NOT NULL PRIMARY KEY, -- base64url of a SHA-256 sum; with a prefix, such as captcha:, no session
	data   BLOB    NOT NULL,
	expiry INTEGER NOT NULL              -- milliseconds since 1970, UTC
) STRICT, WITHOUT ROWID;
