#include "bridge/trace/find.h"

#include <string.h>

/* ---- which ---- */

static bool life_fits(const struct trace_life *life, const struct trace_wanted *wanted)
{
	if (!life->record || life->came_us <= wanted->after_us || life->came_us > wanted->until_us)
		return false;
	if (wanted->number && wanted->number != life->number)
		return false;
	if (wanted->room.data && !slice_equal(wanted->room, trace_life_room(life)))
		return false;
	return !wanted->name.data || name_same(wanted->name, trace_life_name(life));
}

/* Puts it among the others by time. Of too many, the last one goes. */
static size_t put_in_order(struct trace_key *keys, size_t count, size_t most,
			   const struct trace_key *key, bool oldest)
{
	size_t at = count;

	while (at > 0 &&
	       (oldest ? keys[at - 1].came_us > key->came_us : keys[at - 1].came_us < key->came_us))
		at--;
	if (at == most)
		return count;
	if (count == most)
		count--;
	memmove(keys + at + 1, keys + at, (count - at) * sizeof(*keys));
	keys[at] = *key;
	return count + 1;
}

static size_t find_lives(const struct trace *trace, const struct trace_wanted *wanted,
			 struct trace_key *keys, size_t most)
{
	size_t count = 0;

	for (size_t i = 0; i < trace->messages; i++) {
		const struct trace_life *life = &trace->lives[i];
		struct trace_key key = { life->record, 0, life->came_us };

		if (life_fits(life, wanted))
			count = put_in_order(keys, count, most, &key, wanted->oldest);
	}
	return count;
}

/* By the id: what has a place in a room, what was sent to members, and what went elsewhere. */
static size_t find_id(const struct trace *trace, uint64_t id, struct trace_key *key)
{
	key->id = id;
	for (size_t i = 0; i < trace->messages; i++)
		if (trace->orders[i].id == id) {
			key->record = trace->orders[i].record;
			return 1;
		}
	for (size_t i = 0; i < trace->messages; i++)
		if (trace->spreads[i].told && trace->spreads[i].id == id) {
			key->record = trace->spreads[i].record;
			return 1;
		}
	for (size_t i = 0; i < trace->messages * TRACE_NOTES_EACH; i++)
		if (trace->notes[i].us && trace->notes[i].id == id) {
			key->record = trace->notes[i].record;
			return 1;
		}
	return 0;
}

size_t trace_find(const struct trace *trace, const struct trace_wanted *wanted,
		  struct trace_key *keys, size_t most)
{
	if (!trace || most == 0)
		return 0;
	if (!wanted->id)
		return find_lives(trace, wanted, keys, most);
	keys[0] = (struct trace_key){ 0 };
	return find_id(trace, wanted->id, keys);
}

/* Is that of the message? */
static bool has(const struct trace_key *key, uint64_t record, uint64_t id)
{
	return key->record ? record == key->record : id && id == key->id;
}

/* ---- what there is ---- */

const struct trace_life *trace_life_of(const struct trace *trace, const struct trace_key *key)
{
	for (size_t i = 0; trace && key->record && i < trace->messages; i++)
		if (trace->lives[i].record == key->record)
			return &trace->lives[i];
	return NULL;
}

const struct trace_note *trace_next_note(const struct trace *trace, const struct trace_key *key,
					 size_t *at)
{
	for (; trace && *at < trace->messages * TRACE_NOTES_EACH; ++*at) {
		const struct trace_note *note = &trace->notes[*at];

		if (note->us && has(key, note->record, note->id)) {
			++*at;
			return note;
		}
	}
	return NULL;
}

const struct trace_order *trace_next_order(const struct trace *trace, const struct trace_key *key,
					   size_t *at)
{
	for (; trace && *at < trace->messages; ++*at) {
		const struct trace_order *order = &trace->orders[*at];

		if (order->id && has(key, order->record, order->id)) {
			++*at;
			return order;
		}
	}
	return NULL;
}

const struct trace_order *trace_next_about(const struct trace *trace, uint64_t id, size_t *at)
{
	for (; trace && *at < trace->messages; ++*at) {
		const struct trace_order *order = &trace->orders[*at];

		if (order->id && order->target == id) {
			++*at;
			return order;
		}
	}
	return NULL;
}

const struct trace_spread *trace_next_spread(const struct trace *trace, const struct trace_key *key,
					     size_t *at)
{
	for (; trace && *at < trace->messages; ++*at) {
		const struct trace_spread *spread = &trace->spreads[*at];

		if (spread->told && has(key, spread->record, spread->id)) {
			++*at;
			return spread;
		}
	}
	return NULL;
}

const struct trace_missed *trace_next_missed(const struct trace *trace, uint32_t told, size_t *at)
{
	for (; trace && *at < trace->messages * TRACE_MISSED_EACH; ++*at)
		if (trace->missed[*at].told == told)
			return &trace->missed[(*at)++];
	return NULL;
}

/* ---- */

const struct route_table *trace_table(const struct trace *trace, const struct trace_note *note)
{
	if (!note->table || note->table + TRACE_TABLES <= trace->table_count)
		return NULL;
	return trace->tables[note->table % TRACE_TABLES];
}

static uint64_t overwritten_us(uint64_t ever, size_t room, uint64_t oldest_us)
{
	return ever > room ? oldest_us : 0;
}

uint64_t trace_whole_since_us(const struct trace *trace)
{
	size_t messages = trace->messages, notes = messages * TRACE_NOTES_EACH;
	uint64_t times[] = {
		overwritten_us(trace->notes_ever, notes,
			       trace->notes[trace->notes_ever % notes].us),
		overwritten_us(trace->orders_ever, messages,
			       trace->orders[trace->orders_ever % messages].us),
		overwritten_us(trace->spreads_ever, messages,
			       trace->spreads[(trace->spreads_ever + 1) % messages].us),
	};
	uint64_t newest = 0;

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		if (times[i] > newest)
			newest = times[i];
	return newest;
}
