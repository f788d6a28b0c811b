#include "bridge/upstream/steering.h"

#include <string.h>

#include "bridge/core/login.h"
#include "bridge/upstream/link/link.h"
#include "bridge/upstream/people/strangers.h"
#include "bridge/upstream/state.h"

_Static_assert(STEERING_WHY_MAX >= LINK_WHY_MAX, "why is not cut off");
_Static_assert(STEERING_NAME_MAX >= NAME_BYTES_MAX, "nor are names");

static struct upstream *upstream_at(const struct bridge *bridge, size_t index)
{
	return bridge->upstreams->all[index];
}

unsigned upstream_owner(const struct bridge *bridge, size_t index)
{
	return upstream_at(bridge, index)->room->owner;
}

/* ---- links ---- */

static void put_name(char out[STEERING_NAME_MAX + 1], struct slice name)
{
	struct slice part = text_clip(name, STEERING_NAME_MAX);

	if (part.len)
		memcpy(out, part.data, part.len);
	out[part.len] = '\0';
}

static void add_waiting(struct waiting_view *waiting, const struct link *link)
{
	const struct saying_item *first = link->sayings.first;
	uint64_t now = link->upstream->worker->tick_ms;
	uint64_t age = first && now > first->first_ms ? now - first->first_ms : 0;

	waiting->items += link->sayings.count;
	waiting->bytes += link->sayings.bytes;
	if (waiting->oldest_ms < age)
		waiting->oldest_ms = age;
}

static struct slice name_of(const struct link *link)
{
	if (link->person.name.len)
		return link->person.name;
	if (link->claim)
		return slice_span(link->claim->name, link->claim->name_len);
	return link->account.user;
}

static void look(const struct link *link, struct link_view *out)
{
	const struct upstream *upstream = link->upstream;
	const struct foreign_person *self = &link->peer.self;
	uint64_t now = upstream->worker->tick_ms;
	bool tries = link->state == LINK_DOWN && !upstream->paused && link->retry_ms > now;

	*out = (struct link_view){ .state = link_state_name(link->state),
				   .since_ms = link->since_ms,
				   .retry_ms = tries ? link->retry_ms - now : 0,
				   .connected = link->connected,
				   .number = link->person.number };
	add_waiting(&out->waiting, link);
	put_name(out->name, name_of(link));
	put_name(out->self, self->name.len ? self->name : self->id);
	memcpy(out->why, link->why, sizeof(link->why));
}

size_t upstream_look_links(const struct bridge *bridge, size_t index, struct link_view *out,
			   size_t most)
{
	const struct link *link = upstream_at(bridge, index)->links;
	size_t count = 0;

	for (; link && count < most; link = link->next)
		if (link->state != LINK_CLOSING)
			look(link, &out[count++]);
	return count;
}

/* ---- upstreams ---- */

static uint64_t links_up(const struct upstream *upstream)
{
	uint64_t count = 0;

	for (const struct link *link = upstream->links; link; link = link->next)
		count += link->state == LINK_UP;
	return count;
}

const char *upstream_state(const struct bridge *bridge, size_t index)
{
	const struct upstream *upstream = upstream_at(bridge, index);

	if (upstream->paused)
		return "paused";
	if (links_up(upstream))
		return "up";
	return upstream->front && !upstream->links ? "idle" : "down";
}

static const struct link *worst_of(const struct upstream *upstream)
{
	const struct link *worst = NULL;

	for (const struct link *link = upstream->links; link; link = link->next)
		if (link->state == LINK_DOWN && (!worst || link->since_ms < worst->since_ms))
			worst = link;
	return worst ? worst : upstream->links;
}

void upstream_look(const struct bridge *bridge, size_t index, struct upstream_view *out)
{
	const struct upstream *upstream = upstream_at(bridge, index);
	const struct link *worst = worst_of(upstream);

	*out = (struct upstream_view){ .state = upstream_state(bridge, index),
				       .links = upstream->link_count,
				       .links_up = links_up(upstream),
				       .people = strangers_count(upstream->people),
				       .ledger = *upstream_ledger(upstream) };
	for (const struct link *link = upstream->links; link; link = link->next)
		add_waiting(&out->waiting, link);
	if (worst)
		look(worst, &out->worst);
}

bool upstream_pause(const struct bridge *bridge, size_t index)
{
	struct upstream *upstream = upstream_at(bridge, index);

	if (upstream->paused)
		return false;
	upstream->paused = true;
	for (struct link *link = upstream->links; link; link = link->next)
		link_pause(link);
	return true;
}

bool upstream_resume(const struct bridge *bridge, size_t index)
{
	struct upstream *upstream = upstream_at(bridge, index);
	bool was = upstream->paused;

	upstream->paused = false;
	for (struct link *link = upstream->links; link; link = link->next)
		link_resume(link);
	return was;
}
