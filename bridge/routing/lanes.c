#include "bridge/routing/lanes.h"

#include <stdlib.h>

#include "bridge/core/counters.h"
#include "codecs/text/memory.h"

struct lane *lane_of(struct lane **holder)
{
	if (!*holder) {
		*holder = memory_take_zeroed(sizeof(struct lane));
		(*holder)->holder = holder;
	}
	return *holder;
}

void lane_free_empty(struct lane *lane)
{
	if (lane->first)
		return;
	if (lane->holder)
		*lane->holder = NULL;
	memory_give(lane, sizeof(*lane));
}

void lane_left(struct lane *lane, const struct room_entry *room, bool kicked)
{
	for (struct routing *p = lane ? lane->first : NULL; p; p = p->next) {
		if (p->start.room != room)
			continue;
		p->barred = p->barred || kicked;
		p->vouched = !p->barred;
	}
}

void lane_detach(struct lane **lane)
{
	if (!*lane)
		return;
	for (struct routing *p = (*lane)->first; p; p = p->next) {
		p->vouched = !p->barred;
		p->start.asker = asker_silent(p->start.asker);
	}
	(*lane)->holder = NULL;
	*lane = NULL;
}

/* Behind after, or last when after is NULL. */
static void lane_add(struct lane *lane, struct routing *after, struct routing *p)
{
	after = after ? after : lane->last;
	p->lane = lane;
	p->previous = after;
	p->next = after ? after->next : NULL;
	*(after ? &after->next : &lane->first) = p;
	*(p->next ? &p->next->previous : &lane->last) = p;
}

struct routing *routing_new(struct worker *worker, struct lane *lane, struct routing *behind,
			    const struct run *run, const struct routing_start *start,
			    struct envelope *draft)
{
	struct routing *p = memory_take_zeroed(sizeof(*p));
	struct routing *all = worker->routings;

	p->run = *run;
	route_table_hold(run->start.table);
	p->start = *start;
	p->draft = draft;
	p->waiting = true;
	worker->counters->intake.waiting++;
	p->serial = ++worker->routing_serial;
	HASH_ADD(hh, all, serial, sizeof(p->serial), p);
	worker->routings = all;
	worker->routing_count++;
	lane_add(lane, behind, p);
	return p;
}

void routing_passed_on(struct worker *worker, struct routing *p)
{
	worker->counters->intake.waiting -= p->waiting;
	p->waiting = false;
}

void routing_free(struct worker *worker, struct routing *p)
{
	struct routing *all = worker->routings;

	routing_passed_on(worker, p);
	HASH_DELETE(hh, all, p);
	worker->routings = all;
	worker->routing_count--;
	*(p->previous ? &p->previous->next : &p->lane->first) = p->next;
	*(p->next ? &p->next->previous : &p->lane->last) = p->previous;
	envelope_release(p->draft);
	route_table_release(p->run.start.table);
	memory_give(p, sizeof(*p));
}

struct routing *routing_find(struct worker *worker, uint64_t serial)
{
	struct routing *all = worker->routings, *p;

	HASH_FIND(hh, all, &serial, sizeof(serial), p);
	return p;
}

void routing_clear(struct worker *worker)
{
	struct routing *all = worker->routings, *p, *next;

	HASH_ITER(hh, all, p, next)
	{
		struct lane *lane = p->lane;

		worker->routings = all;
		routing_free(worker, p);
		all = worker->routings;
		lane_free_empty(lane);
	}
	route_table_release(worker->rules);
	worker->rules = NULL;
}
