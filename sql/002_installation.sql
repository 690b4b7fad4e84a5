-- 002: whose database it is.
--
-- Nodes that share a database must share keys.json: calls between them and task
-- tokens are signed with it.  One row holds a digest of the keys of the first
-- node; pawld refuses to start with others.  To change the keys on purpose, stop
-- all nodes, delete the row, and start them with the new file.

CREATE TABLE pawl.installation (
	one		boolean PRIMARY KEY DEFAULT true CHECK (one),
	keys_digest	text NOT NULL,
	created_at	timestamptz NOT NULL DEFAULT now()
);
