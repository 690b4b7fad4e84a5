/*
 * engine/share.c - how many shards a process should hold, and which to give.
 *
 * 64 shards among n processes: each gets 64 / n of them, and 64 % n processes
 * get one more.  Who those are is settled by who has one more already; if too
 * many have, by name, so that all who look at the same table agree.
 *
 * Pure: shards.c asks it with what the database said, tests/unit/t_engine.c with
 * a table of its own.
 */

#include "share.h"

#include <string.h>

struct holder {
	const char	*owner;
	int		 count;
};

/* Fills in who holds how many; returns how many holders there are. */
static int
holders(const struct store_lease *table, size_t n, struct holder *list)
{
	size_t	 i;
	int	 j, count = 0;

	for (i = 0; i < n && i < ARN_SHARDS; i++) {
		if (!table[i].valid || table[i].owner == NULL)
			continue;
		for (j = 0; j < count; j++)
			if (strcmp(list[j].owner, table[i].owner) == 0)
				break;
		if (j == count)
			list[count++] = (struct holder){ table[i].owner, 0 };
		list[j].count++;
	}
	return count;
}

void
share_decide(const struct store_lease *table, size_t n, const char *owner,
    int processes, struct share_plan *plan)
{
	struct holder	 list[ARN_SHARDS];
	int		 count = holders(table, n, list), i, mine = 0;
	int		 least, extra, before = 0, others = 0;
	size_t		 s;

	for (i = 0; i < count; i++)
		if (strcmp(list[i].owner, owner) == 0)
			mine = list[i].count;
	if (processes < count + (mine == 0))
		processes = count + (mine == 0);
	least = ARN_SHARDS / processes;
	extra = ARN_SHARDS % processes;
	for (i = 0; i < count; i++) {
		if (list[i].count <= least || strcmp(list[i].owner, owner) == 0)
			continue;
		others++;
		if (strcmp(list[i].owner, owner) < 0)
			before++;
	}
	if (mine > least)
		plan->want = least + (before < extra);
	else
		plan->want = least + (others < extra);
	plan->ngive = 0;
	for (s = n; s-- > 0 && mine > plan->want &&
	    plan->ngive < SHARE_GIVE_MAX; )
		if (table[s].valid && table[s].owner != NULL &&
		    strcmp(table[s].owner, owner) == 0) {
			plan->give[plan->ngive++] = table[s].shard;
			mine--;
		}
}
