-- Views for people.  Dropped and created at the start of pawld when this text
-- has changed: nothing may depend on them but queries.

DROP VIEW IF EXISTS pawl.execution_view;
DROP VIEW IF EXISTS pawl.history_event;
DROP VIEW IF EXISTS pawl.queue_view;

-- One row per execution.
CREATE VIEW pawl.execution_view AS
SELECT m.name AS machine,
	x.name AS execution,
	CASE x.status WHEN 0 THEN 'RUNNING' WHEN 1 THEN 'SUCCEEDED'
		WHEN 2 THEN 'FAILED' WHEN 3 THEN 'TIMED_OUT'
		WHEN 4 THEN 'ABORTED' END AS status,
	to_timestamp(x.started_ms / 1000.0) AS started_at,
	to_timestamp(x.ended_ms / 1000.0) AS ended_at,
	coalesce(to_timestamp(x.ended_ms / 1000.0), clock_timestamp())
		- to_timestamp(x.started_ms / 1000.0) AS duration,
	CASE WHEN x.wake_ms > 0 THEN to_timestamp(x.wake_ms / 1000.0) END
		AS parked_until,
	x.revision,
	x.shard,
	x.id AS execution_id
FROM pawl.execution x
JOIN pawl.machine m ON m.id = x.machine_id;

-- One row per history event.  Unpacks the chunks as asl/chunk.h describes them;
-- what an event leaves out follows from the one before.  json, not jsonb: the
-- payloads show as they came.
CREATE VIEW pawl.history_event AS
SELECT m.name AS machine,
	x.name AS execution,
	v.id AS event_id,
	coalesce((v.e ->> 'b')::bigint, v.id - 1) AS previous_id,
	to_timestamp(v.t / 1000.0) AS at,
	v.e ->> 'y' AS type,
	v.e ->> 'n' AS name,
	CASE WHEN v.takes_input THEN v.payload END AS input,
	CASE WHEN NOT v.takes_input THEN v.payload END AS output,
	json_strip_nulls(json_build_object(
		'error', v.e -> 'e',
		'cause', v.e -> 'c',
		'resource', v.e -> 'r',
		'resourceType', v.e -> 'k',
		'roleArn', v.e -> 'a',
		'location', v.e -> 'l',
		CASE WHEN v.e ->> 'y' LIKE 'MapIteration%' THEN 'index'
			ELSE 'length' END, v.e -> 'x',
		'timeoutInSeconds', v.e -> 'o',
		'heartbeatInSeconds', v.e -> 'h',
		'assignedVariables', v.e -> 'v')) AS details,
	x.shard,
	x.id AS execution_id,
	v.first_id AS chunk
FROM pawl.execution x
JOIN pawl.machine m ON m.id = x.machine_id
JOIN LATERAL (
	SELECT h.first_id,
		h.first_id + timed.n - 1 AS id,
		timed.e,
		timed.t,
		c.doc -> 'p' -> (timed.e ->> 'p')::int AS payload,
		timed.e ->> 'y' ~ '(StateEntered|Scheduled|IterationStarted|^ExecutionStarted|^ParallelStateStarted)$'
			AS takes_input
	FROM pawl.history h
	CROSS JOIN LATERAL (SELECT h.events::json AS doc) c
	CROSS JOIN LATERAL (
		SELECT counted.n, counted.e,
			max((counted.e ->> 't')::bigint)
				OVER (PARTITION BY counted.g) AS t
		FROM (
			SELECT j.n, j.e,
				count(j.e -> 't') OVER (ORDER BY j.n) AS g
			FROM json_array_elements(c.doc -> 'e')
				WITH ORDINALITY AS j(e, n)
		) counted
	) timed
	WHERE h.shard = x.shard AND h.execution_id = x.id
) v ON true;

-- One row per queue, with what is in it now.
CREATE VIEW pawl.queue_view AS
SELECT q.name AS queue,
	count(m.id) FILTER (WHERE m.visible_ms <= n.now_ms) AS available,
	count(m.id) FILTER (WHERE m.visible_ms > n.now_ms AND m.receives > 0)
		AS in_flight,
	count(m.id) FILTER (WHERE m.visible_ms > n.now_ms AND m.receives = 0)
		AS delayed,
	to_timestamp(min(m.sent_ms) / 1000.0) AS oldest_sent_at,
	(q.visibility_ms / 1000.0)::float8 AS visibility_seconds,
	(q.retention_ms / 1000.0)::float8 AS retention_seconds
FROM pawl.queue q
CROSS JOIN (SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now_ms) n
LEFT JOIN pawl.message m ON m.queue_id = q.id
	AND m.sent_ms > n.now_ms - q.retention_ms
GROUP BY q.id, n.now_ms;
