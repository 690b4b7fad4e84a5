/*
 * engine/shards.c - which process owns which shard: leases, taken and renewed.
 *
 * Every third of a lease time a process counts the living, works out its share (share.c),
 * renews what it has, takes what is free, and gives back what is too much; more
 * often while some shard has no owner.  One statement is in flight at a time,
 * so a renewal and a release of the same shard never cross.
 *
 * Leases are hints (engine/README.md): what happens here decides how rarely two
 * processes try to append to one execution, never whether both can.
 *
 * Invariants:
 *   - a lease counts from before its request was sent, on a clock that never
 *     jumps: we let go before the database lets others take;
 *   - gained is called after shards_mine() says yes, lost after it says no.
 */

#include "shards.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "share.h"
#include "wallclock.h"
#include "xmalloc.h"

#define SOON_FIRST_MS	30

struct shards {
	struct event_base	*base;
	struct store		*store;
	char			*owner, *address;
	int64_t			 lease_ms;
	shards_changed		 gained, lost;
	void			*arg;

	struct event		*round;		/* when to ask again */
	struct event		*expiry;	/* when ours run out */
	bool			 busy, again, announced, settled, failing;
	int64_t			 soon_ms;	/* pause while some are free */
	int64_t			 sent_ms, until_ms;
	int			 expect, alive;
	int64_t			 expect_until_ms;

	bool			 mine[ARN_SHARDS];
	struct store_lease	 table[ARN_SHARDS];	/* last answer; texts owned */

	void			(*released)(void *);
	void			*released_arg;
};

static void	release_now(struct shards *);

/* ---- what we know ---- */

static void
table_clear(struct shards *sh)
{
	int	 i;

	for (i = 0; i < ARN_SHARDS; i++) {
		free((char *)(uintptr_t)sh->table[i].owner);
		free((char *)(uintptr_t)sh->table[i].address);
		sh->table[i] = (struct store_lease){ .shard = i };
	}
	sh->settled = false;
}

static void
table_keep(struct shards *sh, const struct store_lease *rows, size_t n)
{
	struct store_lease	*to;
	size_t			 i;
	int			 owned = 0;

	table_clear(sh);
	for (i = 0; i < n; i++) {
		if (rows[i].shard < 0 || rows[i].shard >= ARN_SHARDS)
			continue;
		to = &sh->table[rows[i].shard];
		if (!rows[i].valid || rows[i].owner == NULL || to->valid)
			continue;
		to->valid = true;
		to->owner = xstrdup(rows[i].owner);
		to->address = rows[i].address == NULL ||
		    rows[i].address[0] == '\0' ? NULL :
		    xstrdup(rows[i].address);
		owned++;
	}
	sh->settled = owned == ARN_SHARDS;
}

static bool
table_ours(const struct shards *sh, int shard)
{
	return sh->table[shard].valid &&
	    strcmp(sh->table[shard].owner, sh->owner) == 0;
}

/* Makes mine what has is, and tells of the difference. */
static void
change(struct shards *sh, const bool has[ARN_SHARDS])
{
	int	 got[ARN_SHARDS], gone[ARN_SHARDS], i;
	size_t	 ngot = 0, ngone = 0;

	for (i = 0; i < ARN_SHARDS; i++) {
		if (has[i] && !sh->mine[i])
			got[ngot++] = i;
		else if (!has[i] && sh->mine[i])
			gone[ngone++] = i;
		sh->mine[i] = has[i];
	}
	if (ngone > 0) {
		log_info("shards given up count=%zu", ngone);
		sh->lost(gone, ngone, sh->arg);
	}
	if (ngot > 0) {
		log_info("shards taken count=%zu", ngot);
		sh->gained(got, ngot, sh->arg);
	}
}

static void
after_ms(struct event *ev, int64_t ms)
{
	struct timeval	 tv;

	if (ms < 0)
		ms = 0;
	tv.tv_sec = (time_t)(ms / 1000);
	tv.tv_usec = (suseconds_t)(ms % 1000 * 1000);
	evtimer_add(ev, &tv);
}

/* ---- a round: count, lease, perhaps release ---- */

static void
round_end(struct shards *sh, bool ok)
{
	int64_t	 ms = sh->lease_ms / 3;

	sh->busy = false;
	if (sh->released != NULL) {
		release_now(sh);
		return;
	}
	if (ok && sh->settled)
		sh->soon_ms = SOON_FIRST_MS;
	else if (sh->soon_ms < ms) {
		ms = sh->soon_ms;
		sh->soon_ms *= 2;
	}
	if (sh->again)
		ms = 0;
	sh->again = false;
	after_ms(sh->round, ms);
}

static void
on_given(const struct err *e, void *arg)
{
	/* If this failed, the next renewal brings them back, as gained. */
	round_end(arg, e->code[0] == '\0');
}

/* Lets go of what is too much: first here, then in the database. */
static void
give_back(struct shards *sh)
{
	struct share_plan	 plan;
	bool			 has[ARN_SHARDS];
	int			 i;

	share_decide(sh->table, ARN_SHARDS, sh->owner, sh->alive, &plan);
	if (plan.ngive == 0 || sh->released != NULL) {
		round_end(sh, true);
		return;
	}
	memcpy(has, sh->mine, sizeof has);
	for (i = 0; i < plan.ngive; i++)
		has[plan.give[i]] = false;
	change(sh, has);
	store_shard_release(sh->store, sh->owner, plan.give, plan.ngive, on_given,
	    sh);
}

static void
on_leases(const struct err *e, const struct store_lease *rows, size_t n, void *arg)
{
	struct shards	*sh = arg;
	bool		 has[ARN_SHARDS];
	int		 i;

	if (e->code[0] != '\0') {
		if (!sh->failing)
			log_warn("leases cannot be renewed: %s", e->text);
		sh->failing = true;
		sh->announced = false;	/* the others may be gone from the count */
		round_end(sh, false);
		return;
	}
	if (sh->failing) {	/* all come back together: as at the start */
		log_info("leases are renewed again");
		shards_expect(sh, sh->expect);
	}
	sh->failing = false;
	table_keep(sh, rows, n);
	sh->until_ms = sh->sent_ms + sh->lease_ms;
	after_ms(sh->expiry, sh->until_ms - wallclock_monotonic_ms());
	for (i = 0; i < ARN_SHARDS; i++)
		has[i] = table_ours(sh, i) && sh->released == NULL;
	change(sh, has);
	if (!sh->announced) {		/* now we are counted: ask for shards */
		sh->announced = true;
		sh->again = true;
		round_end(sh, true);
		return;
	}
	give_back(sh);
}

static void
lease(struct shards *sh, int want)
{
	sh->sent_ms = wallclock_monotonic_ms();
	store_shard_lease(sh->store, sh->owner, sh->address, want, sh->lease_ms,
	    on_leases, sh);
}

static void
on_count(const struct err *e, int n, void *arg)
{
	struct shards		*sh = arg;
	struct share_plan	 plan;

	if (!sh->announced) {		/* our lease ran out meanwhile */
		lease(sh, 0);
		return;
	}
	if (e->code[0] == '\0')		/* else: as many as last time */
		sh->alive = n;
	if (wallclock_monotonic_ms() < sh->expect_until_ms &&
	    sh->alive < sh->expect)
		sh->alive = sh->expect;
	if (sh->alive < 1)
		sh->alive = 1;
	share_decide(sh->table, ARN_SHARDS, sh->owner, sh->alive, &plan);
	lease(sh, plan.want);
}

static void
round_start(struct shards *sh)
{
	if (sh->busy) {
		sh->again = true;
		return;
	}
	sh->busy = true;
	evtimer_del(sh->round);
	if (!sh->announced)
		lease(sh, 0);
	else
		store_process_count(sh->store, on_count, sh);
}

static void
on_round(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	round_start(arg);
}

/* PostgreSQL has been silent for a whole lease: others may have ours now. */
static void
on_expiry(evutil_socket_t fd, short what, void *arg)
{
	static const bool	 none[ARN_SHARDS];
	struct shards		*sh = arg;

	(void)fd;
	(void)what;
	log_warn("leases ran out before they could be renewed");
	sh->announced = false;
	sh->failing = true;
	table_clear(sh);
	change(sh, none);
}

/* ---- for others ---- */

struct shards *
shards_new(struct event_base *base, struct store *store, const char *owner,
    const char *address, int64_t lease_ms, shards_changed gained,
    shards_changed lost, void *arg)
{
	struct shards	*sh = xcalloc(1, sizeof *sh);

	sh->base = base;
	sh->store = store;
	sh->owner = xstrdup(owner);
	sh->address = xstrdup(address);
	sh->lease_ms = lease_ms;
	sh->gained = gained;
	sh->lost = lost;
	sh->arg = arg;
	sh->soon_ms = SOON_FIRST_MS;
	sh->round = evtimer_new(base, on_round, sh);
	sh->expiry = evtimer_new(base, on_expiry, sh);
	table_clear(sh);
	after_ms(sh->round, 0);
	return sh;
}

void
shards_free(struct shards *sh)
{
	if (sh == NULL)
		return;
	table_clear(sh);
	event_free(sh->round);
	event_free(sh->expiry);
	free(sh->owner);
	free(sh->address);
	free(sh);
}

bool
shards_mine(const struct shards *sh, int shard)
{
	return shard >= 0 && shard < ARN_SHARDS && sh->mine[shard] &&
	    wallclock_monotonic_ms() < sh->until_ms;
}

const char *
shards_address(const struct shards *sh, int shard)
{
	if (shard < 0 || shard >= ARN_SHARDS || !sh->table[shard].valid)
		return NULL;
	return sh->table[shard].address;
}

void
shards_peers(const struct shards *sh, void (*fn)(const char *address, void *arg),
    void *arg)
{
	int	 i, j;

	for (i = 0; i < ARN_SHARDS; i++) {
		if (!sh->table[i].valid || sh->table[i].address == NULL ||
		    table_ours(sh, i))
			continue;
		for (j = 0; j < i; j++)
			if (sh->table[j].valid && sh->table[j].address != NULL &&
			    strcmp(sh->table[j].address,
			    sh->table[i].address) == 0)
				break;
		if (j == i)
			fn(sh->table[i].address, arg);
	}
}

void
shards_refresh(struct shards *sh)
{
	if (sh->busy)
		sh->again = true;
	else if (sh->released == NULL)
		after_ms(sh->round, 0);
}

void
shards_expect(struct shards *sh, int processes)
{
	sh->expect = processes;
	sh->expect_until_ms = wallclock_monotonic_ms() + sh->lease_ms;
}

bool
shards_settled(const struct shards *sh)
{
	return sh->announced && sh->settled;
}

static void
on_released(const struct err *e, void *arg)
{
	struct shards	*sh = arg;

	if (e->code[0] != '\0')
		log_warn("shards were not given back, their leases run out: %s",
		    e->text);
	sh->released(sh->released_arg);
}

static void
release_now(struct shards *sh)
{
	evtimer_del(sh->round);
	evtimer_del(sh->expiry);
	store_shard_release(sh->store, sh->owner, NULL, -1, on_released, sh);
}

void
shards_release(struct shards *sh, void (*done)(void *arg), void *arg)
{
	if (sh->released != NULL)
		return;
	memset(sh->mine, 0, sizeof sh->mine);
	sh->released = done;
	sh->released_arg = arg;
	if (!sh->busy) {
		sh->busy = true;
		release_now(sh);
	}
}
