#include "bridge/trace/trace.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "codecs/registry.h"
#include "codecs/text/memory.h"

struct trace *trace_new(unsigned worker, size_t messages, bool bodies)
{
	struct trace *trace = memory_zeroed(1, sizeof(*trace));

	trace->worker = worker;
	trace->messages = messages;
	trace->bodies = bodies;
	trace->held_first = 1;
	trace->lives = memory_zeroed(messages, sizeof(*trace->lives));
	trace->orders = memory_zeroed(messages, sizeof(*trace->orders));
	trace->spreads = memory_zeroed(messages, sizeof(*trace->spreads));
	trace->notes = memory_zeroed(messages * TRACE_NOTES_EACH, sizeof(*trace->notes));
	trace->missed = memory_zeroed(messages * TRACE_MISSED_EACH, sizeof(*trace->missed));
	return trace;
}

void trace_free(struct trace *trace)
{
	if (!trace)
		return;
	for (size_t i = 0; i < trace->messages; i++) {
		free(trace->lives[i].body);
		broadcast_release(trace->spreads[i].broadcast);
	}
	for (size_t i = 0; i < TRACE_TABLES; i++)
		route_table_release(trace->tables[i]);
	free(trace->lives);
	free(trace->orders);
	free(trace->spreads);
	free(trace->notes);
	free(trace->missed);
	free(trace);
}

size_t trace_bytes(const struct trace *trace)
{
	size_t each = sizeof(struct trace_life) + sizeof(struct trace_order) +
		      sizeof(struct trace_spread) + TRACE_NOTES_EACH * sizeof(struct trace_note) +
		      TRACE_MISSED_EACH * sizeof(struct trace_missed);

	return trace
		   ? sizeof(*trace) + trace->messages * each + trace->held_bytes + trace->body_bytes
		   : 0;
}

void trace_clock(struct trace *trace)
{
	struct timespec now;

	if (!trace)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	trace->now_us = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
	trace->fresh = true;
}

static uint64_t now(struct trace *trace)
{
	if (!trace->fresh)
		trace_clock(trace);
	return trace->now_us;
}

/* What nobody asks about: there is much of it. */
static bool is_recorded(const struct envelope *event)
{
	const uint32_t passing = UINT32_C(1) << KIND_TYPING | UINT32_C(1) << KIND_READ |
				 UINT32_C(1) << KIND_PRESENCE | UINT32_C(1) << KIND_ENTER |
				 UINT32_C(1) << KIND_EXIT | UINT32_C(1) << KIND_OPAQUE;

	return !(passing >> event->kind & 1);
}

static uint8_t keep(char *to, size_t room, struct slice text)
{
	size_t len = text.len < room ? text.len : room;

	if (len)
		memcpy(to, text.data, len);
	return (uint8_t)len;
}

/* ---- coming in ---- */

static void keep_body(struct trace *trace, struct trace_life *life)
{
	size_t len = trace->frame.len < TRACE_BODY_MAX ? trace->frame.len : TRACE_BODY_MAX;

	trace->body_bytes -= life->body_bytes;
	free(life->body);
	life->body = NULL;
	life->body_bytes = 0;
	life->frame_bytes = (uint32_t)trace->frame.len;
	if (!trace->bodies || !trace->frame_kept || len == 0)
		return;
	life->body = memory_text(trace->frame.data, len);
	life->body_bytes = (uint16_t)len;
	trace->body_bytes += len;
}

static void keep_who(struct trace_life *life, const struct trace_source *source,
		     const struct envelope *draft)
{
	life->number = draft->author.number;
	life->roles = draft->author.roles;
	life->asker = source->asker;
	life->origin = (uint8_t)source->origin;
	life->place = (uint16_t)source->place;
	life->name_len = keep(life->texts, NAME_BYTES_MAX, draft->author.name);
	life->room_len = keep(life->texts + life->name_len, NAME_BYTES_MAX, draft->room);
	life->path_len = keep(life->texts + life->name_len + life->room_len, TRACE_PATH_MAX,
			      draft->origin.instance);
}

/* Several that came in one turn can be told apart, and are in order. */
static uint64_t came(struct trace *trace)
{
	uint64_t us = now(trace);

	trace->came_us = us > trace->came_us ? us : trace->came_us + 1;
	return trace->came_us;
}

uint64_t trace_came(struct trace *trace, const struct trace_source *source,
		    const struct envelope *draft, uint64_t wall_ms, enum reason reason)
{
	struct trace_life *life;

	if (!trace || !is_recorded(draft))
		return 0;
	life = &trace->lives[trace->lives_ever++ % trace->messages];
	life->record = (uint64_t)trace->worker << 48 | trace->lives_ever;
	life->came_us = came(trace);
	life->came_ms = wall_ms;
	life->target = draft->target;
	life->flags = draft->flags;
	life->text_bytes = (uint32_t)draft->text.len;
	life->kind = (uint8_t)draft->kind;
	life->reason = (uint8_t)reason;
	keep_who(life, source, draft);
	keep_body(trace, life);
	return life->record;
}

void trace_invalid(struct trace *trace, const struct trace_source *source,
		   const struct person *author, struct slice path, uint64_t wall_ms,
		   enum reason reason, struct slice frame, size_t bytes)
{
	const struct envelope nothing = { .kind = TRACE_INVALID,
					  .author = *author,
					  .origin = { .instance = path } };
	struct trace_life *life;

	if (!trace)
		return;
	trace_reads(trace, frame, true);
	(void)trace_came(trace, source, &nothing, wall_ms, reason);
	trace_read(trace);
	life = &trace->lives[(trace->lives_ever - 1) % trace->messages];
	life->frame_bytes = (uint32_t)bytes;
}

/* ---- on its way ---- */

void trace_note(struct trace *trace, const struct envelope *event, struct trace_note note)
{
	if (!trace || !is_recorded(event))
		return;
	note.record = event->origin.record;
	note.id = event->id;
	note.us = now(trace);
	trace->notes[trace->notes_ever++ % (trace->messages * TRACE_NOTES_EACH)] = note;
}

/* Which table it is: the newest is looked at first, and mostly the one. */
static uint16_t table_number(struct trace *trace, const struct route_table *table)
{
	uint16_t newest = trace->table_count;
	size_t place;

	for (uint16_t n = newest; n > 0 && n + TRACE_TABLES > newest; n--)
		if (trace->tables[n % TRACE_TABLES] == table)
			return n;
	if (newest == UINT16_MAX)
		return 0;
	place = ++trace->table_count % TRACE_TABLES;
	route_table_release(trace->tables[place]);
	trace->tables[place] = route_table_hold(table);
	return trace->table_count;
}

void trace_rule(struct trace *trace, const struct envelope *event, const struct run *run)
{
	struct trace_note note = { .what = TRACE_RULE };

	if (!trace || !run->start.table)
		return;
	note.rule = (uint16_t)run->rule;
	note.table = table_number(trace, run->start.table);
	note.index = (uint32_t)run->start.room;
	note.roles = event->author.roles;
	trace_note(trace, event, note);
}

void trace_step(struct trace *trace, const struct envelope *event, const struct run *run,
		enum run_result result)
{
	struct trace_note note = { .what = TRACE_STEP, .result = (uint8_t)result };

	if (!trace || !run->start.table)
		return;
	note.rule = (uint16_t)run->rule;
	note.table = table_number(trace, run->start.table);
	note.step = (uint8_t)run->at;
	if (result == RUN_REFUSE)
		note.reason = (uint8_t)run->reason;
	if (result == RUN_SKIP)
		note.reason = (uint8_t)run->skipped;
	trace_note(trace, event, note);
}

/* ---- its place ---- */

void trace_ordered(struct trace *trace, const struct envelope *event)
{
	struct trace_order *order;

	if (!trace || !event->id || !is_recorded(event))
		return;
	order = &trace->orders[trace->orders_ever++ % trace->messages];
	order->id = event->id;
	order->record = event->origin.record;
	order->us = now(trace);
	order->time_ms = event->time_ms;
	order->sequence = event->sequence;
	order->target = event->target;
	order->number = event->author.number;
	order->kind = (uint8_t)event->kind;
	order->name_len = keep(order->texts, NAME_BYTES_MAX, event->author.name);
	order->room_len = keep(order->texts + order->name_len, NAME_BYTES_MAX, event->room);
}

/* ---- deliveries ---- */

static struct trace_spread *spread_at(struct trace *trace, uint32_t told)
{
	struct trace_spread *spread = &trace->spreads[told % trace->messages];

	return told && spread->told == told ? spread : NULL;
}

static void let_go(struct trace *trace, struct trace_spread *spread)
{
	if (!spread->broadcast)
		return;
	trace->held_bytes -= spread->held_bytes;
	broadcast_release(spread->broadcast);
	spread->broadcast = NULL;
}

static size_t bytes_of(const struct broadcast *broadcast)
{
	size_t bytes = sizeof(*broadcast->event) + broadcast->event->text.len;

	for (uint32_t i = 0; i < broadcast->forms * broadcast->audiences; i++)
		if (broadcast->renditions[i].frame)
			bytes += broadcast->renditions[i].frame->size;
	return bytes;
}

/* Some dialects forbid to keep what their clients write. */
static bool may_be_kept(const struct envelope *event)
{
	size_t dialect = registry_find(event->origin.dialect);

	return dialect == DIALECTS_MAX || !registry_codec(dialect)->forbids_history;
}

/* The oldest are let go of. */
static void hold(struct trace *trace, struct trace_spread *spread, struct broadcast *broadcast)
{
	size_t bytes = bytes_of(broadcast), most = trace->messages * TRACE_HELD_EACH;

	if (bytes > most)
		return;
	if (spread->told - trace->held_first >= trace->messages)
		trace->held_first = spread->told - (uint32_t)trace->messages + 1;
	while (trace->held_bytes + bytes > most && trace->held_first != spread->told) {
		struct trace_spread *oldest =
		    &trace->spreads[trace->held_first++ % trace->messages];

		if (oldest != spread)
			let_go(trace, oldest);
	}
	spread->broadcast = broadcast_hold(broadcast);
	spread->held_bytes = (uint32_t)bytes;
	trace->held_bytes += bytes;
}

uint32_t trace_spread(struct trace *trace, struct broadcast *broadcast)
{
	const struct envelope *event = broadcast->event;
	struct trace_spread *spread;

	if (!trace || !event->id || !is_recorded(event))
		return 0;
	if (++trace->spreads_ever == 0)
		++trace->spreads_ever;
	spread = &trace->spreads[trace->spreads_ever % trace->messages];
	let_go(trace, spread);
	spread->told = trace->spreads_ever;
	spread->in_flight = spread->missed = spread->row_count = spread->others = 0;
	spread->id = event->id;
	spread->record = event->origin.record;
	spread->us = now(trace);
	if (trace->bodies && may_be_kept(event))
		hold(trace, spread, broadcast);
	return spread->told;
}

void trace_flying(struct trace *trace, uint32_t told, int32_t more)
{
	struct trace_spread *spread = told && trace ? spread_at(trace, told) : NULL;

	if (spread)
		spread->in_flight += (uint32_t)more;
}

/* NULL: there is no room for it. */
static struct trace_row *row_for(struct trace_spread *spread, uint32_t form, enum outcome outcome)
{
	struct trace_row *row = spread->rows;

	for (uint32_t i = 0; i < spread->row_count; i++, row++)
		if (row->form == form && row->outcome == outcome)
			return row;
	if (spread->row_count == TRACE_ROWS_MAX)
		return NULL;
	spread->row_count++;
	*row = (struct trace_row){ .form = (uint8_t)form, .outcome = (uint8_t)outcome };
	return row;
}

static uint32_t since(const struct trace *trace, const struct trace_spread *spread)
{
	return trace->now_us > spread->us ? (uint32_t)(trace->now_us - spread->us) : 0;
}

void trace_ended(struct trace *trace, uint32_t told, uint32_t form, enum outcome outcome,
		 uint32_t count)
{
	struct trace_spread *spread = told && trace ? spread_at(trace, told) : NULL;
	struct trace_row *row;

	if (!spread || count == 0)
		return;
	row = row_for(spread, form, outcome);
	if (!row) {
		spread->others += count;
		return;
	}
	if (row->count == 0)
		row->first_us = since(trace, spread);
	row->last_us = since(trace, spread);
	row->count += count;
}

void trace_ended_one(struct trace *trace, uint32_t told, uint32_t form, enum outcome outcome,
		     const struct person *person)
{
	struct trace_spread *spread = told && trace ? spread_at(trace, told) : NULL;
	struct trace_missed *missed;

	if (!spread)
		return;
	trace_ended(trace, told, form, outcome, 1);
	if (outcome == OUTCOME_DELIVERED || outcome == OUTCOME_DEGRADED ||
	    spread->missed++ >= TRACE_MISSED_MOST)
		return;
	missed = &trace->missed[trace->missed_ever++ % (trace->messages * TRACE_MISSED_EACH)];
	missed->told = told;
	missed->number = person->number;
	missed->us = since(trace, spread);
	missed->form = (uint8_t)form;
	missed->outcome = (uint8_t)outcome;
	missed->name_len = keep(missed->name, sizeof(missed->name), person->name);
}

/* ---- forgetting ---- */

/* The first of the texts goes. */
static void drop_name(char *texts, size_t name_len, size_t len)
{
	memmove(texts, texts + name_len, len - name_len);
	explicit_bzero(texts + len - name_len, name_len);
}

static void forget_life(struct trace *trace, struct trace_life *life)
{
	size_t len = (size_t)life->name_len + life->room_len + life->path_len;

	drop_name(life->texts, life->name_len, len);
	life->name_len = 0;
	if (life->body)
		explicit_bzero(life->body, life->body_bytes);
	trace->body_bytes -= life->body_bytes;
	free(life->body);
	life->body = NULL;
	life->body_bytes = 0;
}

static bool concerns(const struct broadcast *broadcast, uint32_t number)
{
	return broadcast && (broadcast->event->author.number == number ||
			     broadcast->event->subject.number == number);
}

void trace_forget(struct trace *trace, uint32_t number)
{
	if (!trace || !number)
		return;
	for (size_t i = 0; i < trace->messages; i++) {
		struct trace_order *order = &trace->orders[i];

		if (trace->lives[i].number == number)
			forget_life(trace, &trace->lives[i]);
		if (order->number == number) {
			drop_name(order->texts, order->name_len,
				  (size_t)order->name_len + order->room_len);
			order->name_len = 0;
		}
		if (concerns(trace->spreads[i].broadcast, number))
			let_go(trace, &trace->spreads[i]);
	}
	for (size_t i = 0; i < trace->messages * TRACE_MISSED_EACH; i++)
		if (trace->missed[i].number == number)
			trace->missed[i].name_len = 0;
}
