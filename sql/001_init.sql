-- 001: the whole of the first schema.
--
-- Hot tables lead with shard in their primary key, and no hot statement crosses
-- shards, so the schema distributes as it is.  Times on hot rows are ms since
-- the epoch; the views (views.sql) show them as timestamps.

CREATE SCHEMA IF NOT EXISTS pawl;

-- Which migrations have run.
CREATE TABLE pawl.migration (
	number		int PRIMARY KEY,
	name		text NOT NULL,
	applied_at	timestamptz NOT NULL DEFAULT now()
);

-- State machines.  A deleted one stays as long as executions may refer to it;
-- its name is free again.
CREATE TABLE pawl.machine (
	id		bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name		text NOT NULL,
	type		text NOT NULL DEFAULT 'STANDARD',
	revision	bigint NOT NULL DEFAULT 1,
	created_ms	bigint NOT NULL,
	updated_ms	bigint NOT NULL,
	deleted_ms	bigint
);
CREATE UNIQUE INDEX machine_name ON pawl.machine (name) WHERE deleted_ms IS NULL;

CREATE TABLE pawl.machine_revision (
	machine_id	bigint NOT NULL REFERENCES pawl.machine (id),
	revision	bigint NOT NULL,
	revision_id	uuid NOT NULL DEFAULT gen_random_uuid(),
	definition	text NOT NULL,
	role_arn	text NOT NULL,
	options		text NOT NULL DEFAULT '{}',
	created_ms	bigint NOT NULL,
	PRIMARY KEY (machine_id, revision)
);

-- One row per execution: written when it starts and when it ends, and when a
-- long wait parks it.  id is a hash of machine name and execution name.
--	status		0 RUNNING 1 SUCCEEDED 2 FAILED 3 TIMED_OUT 4 ABORTED
--	wake_ms		NULL ended; 0 in some process's memory; else parked until
CREATE TABLE pawl.execution (
	shard		smallint NOT NULL,
	id		uuid NOT NULL,
	machine_id	bigint NOT NULL,
	revision	bigint NOT NULL,
	started_ms	bigint NOT NULL,
	ended_ms	bigint,
	wake_ms		bigint,
	status		smallint NOT NULL,
	name		text NOT NULL,
	PRIMARY KEY (shard, id)
);
-- Without id: a search by id must never choose it.
CREATE INDEX execution_by_machine ON pawl.execution (machine_id, started_ms DESC);
CREATE INDEX execution_open ON pawl.execution (shard, wake_ms) WHERE wake_ms IS NOT NULL;

-- History: one row (a chunk, asl/chunk.h) per execution and commit.  The primary
-- key is the fence: two owners cannot both append.
CREATE TABLE pawl.history (
	shard		smallint NOT NULL,
	execution_id	uuid NOT NULL,
	first_id	int NOT NULL,
	last_id		int NOT NULL,
	events		text COMPRESSION lz4 NOT NULL,
	PRIMARY KEY (shard, execution_id, first_id)
);

-- Functions: a name and where to POST.
CREATE TABLE pawl.function (
	name		text PRIMARY KEY,
	url		text NOT NULL,
	timeout_ms	bigint NOT NULL DEFAULT 0,
	updated_ms	bigint NOT NULL
);

CREATE TABLE pawl.queue (
	id		bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name		text NOT NULL UNIQUE,
	visibility_ms	bigint NOT NULL DEFAULT 30000,
	delay_ms	bigint NOT NULL DEFAULT 0,
	retention_ms	bigint NOT NULL DEFAULT 345600000,
	wait_ms		bigint NOT NULL DEFAULT 0,
	created_ms	bigint NOT NULL
);

-- Messages.  One sent by an execution has that execution's shard and commits
-- with its history chunk.  Their ids are unique in all queues.
CREATE TABLE pawl.message (
	shard		smallint NOT NULL,
	queue_id	bigint NOT NULL,
	id		uuid NOT NULL,
	sent_ms		bigint NOT NULL,
	visible_ms	bigint NOT NULL,
	first_received_ms bigint,
	receives	int NOT NULL DEFAULT 0,
	receipt		uuid,
	body		text COMPRESSION lz4 NOT NULL,
	attributes	text,
	PRIMARY KEY (shard, id)
);
CREATE INDEX message_visible ON pawl.message (queue_id, visible_ms);

-- Processes and the shards they lease.  Leases are hints that keep two owners
-- rare; correctness rests on the history's key alone.
CREATE TABLE pawl.process (
	owner		text PRIMARY KEY,
	address		text NOT NULL,
	alive_until	timestamptz NOT NULL
);

CREATE TABLE pawl.shard (
	shard		smallint PRIMARY KEY,
	owner		text,
	leased_until	timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO pawl.shard (shard) SELECT generate_series(0, 63);
