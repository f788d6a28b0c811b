#include "codecs/model/envelope.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"

static const char *const kind_names[ENVELOPE_KINDS] = {
	[KIND_MESSAGE] = "message",
	[KIND_EDIT] = "edit",
	[KIND_DELETE] = "delete",
	[KIND_CLEAR] = "clear",
	[KIND_PURGE] = "purge",
	[KIND_REACTION] = "reaction",
	[KIND_TYPING] = "typing",
	[KIND_READ] = "read",
	[KIND_ENTER] = "enter",
	[KIND_EXIT] = "exit",
	[KIND_INVITE] = "invite",
	[KIND_KICK] = "kick",
	[KIND_TIMEOUT] = "timeout",
	[KIND_PRESENCE] = "presence",
	[KIND_USER_UPDATE] = "user_update",
	[KIND_POLL_START] = "poll_start",
	[KIND_POLL_VOTE] = "poll_vote",
	[KIND_POLL_END] = "poll_end",
	[KIND_NOTICE] = "notice",
	[KIND_OPAQUE] = "opaque",
};

const char *envelope_kind_name(enum envelope_kind kind)
{
	return kind_names[kind];
}

enum envelope_kind envelope_kind_find(struct slice name)
{
	enum envelope_kind kind = 0;

	while (kind < ENVELOPE_KINDS && !slice_is(name, kind_names[kind]))
		kind++;
	return kind;
}

static const struct {
	const char *name;
	uint32_t role;
} roles[] = {
	{ "user", ROLE_USER },       { "pro", ROLE_PRO },     { "subscriber", ROLE_SUBSCRIBER },
	{ "editor", ROLE_EDITOR },   { "mod", ROLE_MOD },     { "staff", ROLE_STAFF },
	{ "founder", ROLE_FOUNDER }, { "owner", ROLE_OWNER }, { "banned", ROLE_BANNED },
	{ "muted", ROLE_MUTED },
};

#define ROLES (sizeof(roles) / sizeof(roles[0]))

uint32_t person_role_find(struct slice name)
{
	for (size_t i = 0; i < ROLES; i++)
		if (slice_is(name, roles[i].name))
			return roles[i].role;
	return 0;
}

const char *person_role_name(uint32_t role)
{
	for (size_t i = 0; i < ROLES; i++)
		if (roles[i].role == role)
			return roles[i].name;
	return NULL;
}

/* ---- sealing: one block holds the envelope, then its arrays, then all text ---- */

struct sealed {
	atomic_uint holders;
	size_t size;
	struct envelope event;
};

/* Parts nearly always point into the text, which is copied once. */
static bool lies_in(struct slice inner, struct slice outer)
{
	uintptr_t at = (uintptr_t)inner.data, start = (uintptr_t)outer.data;

	return inner.data && outer.data && at >= start && inner.len <= outer.len &&
	       at - start <= outer.len - inner.len;
}

static size_t parts_text_size(const struct envelope *e)
{
	size_t size = 0;

	for (size_t i = 0; i < e->part_count; i++) {
		const struct part *part = &e->parts[i];

		size += lies_in(part->text, e->text) ? 0 : part->text.len;
		size += lies_in(part->name, e->text) ? 0 : part->name.len;
	}
	return size;
}

/* Most events have none of these: parts, counts, removed events, a poll, a note. */
static bool has_extras(const struct envelope *e)
{
	return e->part_count || e->reaction_count || e->removed_count || e->poll || e->note;
}

static size_t text_size(const struct envelope *e)
{
	return e->room.len + e->thread.len + e->author.name.len + e->subject.name.len +
	       e->text.len + e->correlation.len + e->extra.len + e->origin.dialect.len +
	       e->origin.instance.len + e->origin.trail.len;
}

/* Bytes of the extras: their arrays, and the text they have beside the event's. */
static size_t extras_size(const struct envelope *e)
{
	size_t size = parts_text_size(e) + e->part_count * sizeof(*e->parts) +
		      e->reaction_count * sizeof(*e->reactions) +
		      e->removed_count * sizeof(*e->removed);

	for (size_t i = 0; i < e->reaction_count; i++)
		size += e->reactions[i].emoji.len;
	if (e->note)
		size += sizeof(*e->note) + e->note->quote.len;
	if (e->poll) {
		size += sizeof(*e->poll) + e->poll->question.len;
		for (size_t i = 0; i < e->poll->option_count; i++)
			size += e->poll->options[i].len;
	}
	return size;
}

/* The free rest of a block being filled. */
struct space {
	char *at;
};

/* All element sizes are multiples of 8, so what follows stays aligned. */
static void *copy_array(struct space *space, const void *from, size_t size)
{
	void *to = space->at;

	if (!size)
		return NULL;
	memcpy(to, from, size);
	space->at += size;
	return to;
}

_Static_assert(sizeof(struct part) % 8 == 0 && sizeof(struct reaction_count) % 8 == 0 &&
		   sizeof(struct poll) % 8 == 0 && sizeof(struct target_note) % 8 == 0 &&
		   sizeof(struct sealed) % 8 == 0,
	       "arrays in a sealed block follow each other without gaps");

static inline void copy_text(struct space *space, struct slice *text)
{
	if (!text->data)
		return;
	if (text->len)
		memcpy(space->at, text->data, text->len);
	text->data = space->at;
	space->at += text->len;
}

static void copy_parts(struct space *space, struct part *parts, const struct envelope *draft,
		       const struct envelope *e)
{
	for (size_t i = 0; i < e->part_count; i++) {
		struct slice *both[] = { &parts[i].text, &parts[i].name };

		for (size_t j = 0; j < 2; j++)
			if (lies_in(*both[j], draft->text))
				both[j]->data = e->text.data + (both[j]->data - draft->text.data);
			else
				copy_text(space, both[j]);
	}
}

static void copy_poll(struct space *space, struct poll *poll)
{
	copy_text(space, &poll->question);
	for (size_t i = 0; i < poll->option_count; i++)
		copy_text(space, &poll->options[i]);
}

static void copy_texts(struct space *space, struct envelope *e)
{
	copy_text(space, &e->room);
	copy_text(space, &e->thread);
	copy_text(space, &e->author.name);
	copy_text(space, &e->subject.name);
	copy_text(space, &e->text);
	copy_text(space, &e->correlation);
	copy_text(space, &e->extra);
	copy_text(space, &e->origin.dialect);
	copy_text(space, &e->origin.instance);
	copy_text(space, &e->origin.trail);
}

struct extras {
	struct part *parts;
	struct reaction_count *reactions;
	struct poll *poll;
	struct target_note *note;
};

static struct extras copy_arrays(struct space *space, struct envelope *e)
{
	struct extras extras;

	extras.parts = copy_array(space, e->parts, e->part_count * sizeof(*e->parts));
	extras.reactions =
	    copy_array(space, e->reactions, e->reaction_count * sizeof(*e->reactions));
	e->removed = copy_array(space, e->removed, e->removed_count * sizeof(*e->removed));
	extras.poll = copy_array(space, e->poll, e->poll ? sizeof(*e->poll) : 0);
	extras.note = copy_array(space, e->note, e->note ? sizeof(*e->note) : 0);
	e->parts = extras.parts;
	e->reactions = extras.reactions;
	e->poll = extras.poll;
	e->note = extras.note;
	return extras;
}

static void copy_extras_texts(struct space *space, const struct extras *extras,
			      const struct envelope *draft, const struct envelope *e)
{
	copy_parts(space, extras->parts, draft, e);
	for (size_t i = 0; i < e->reaction_count; i++)
		copy_text(space, &extras->reactions[i].emoji);
	if (extras->poll)
		copy_poll(space, extras->poll);
	if (extras->note)
		copy_text(space, &extras->note->quote);
}

struct envelope *envelope_seal(const struct envelope *draft)
{
	bool rich = has_extras(draft);
	/* One byte more, so that an empty text at the end still points into the block. */
	size_t size =
	    sizeof(struct sealed) + (rich ? extras_size(draft) : 0) + text_size(draft) + 1;
	struct sealed *sealed = memory_take(size);
	struct envelope *e = &sealed->event;
	struct space space = { (char *)(sealed + 1) };
	struct extras extras;

	atomic_init(&sealed->holders, 1);
	sealed->size = size;
	*e = *draft;
	if (!rich) {
		/* Not what the draft pointed at, though nothing is counted there. */
		e->parts = NULL;
		e->reactions = NULL;
		e->removed = NULL;
		copy_texts(&space, e);
		return e;
	}
	extras = copy_arrays(&space, e);
	copy_texts(&space, e);
	copy_extras_texts(&space, &extras, draft, e);
	return e;
}

static struct sealed *sealed_of(const struct envelope *event)
{
	return (struct sealed *)(void *)((char *)(uintptr_t)event - offsetof(struct sealed, event));
}

const struct envelope *envelope_hold(const struct envelope *sealed)
{
	atomic_fetch_add_explicit(&sealed_of(sealed)->holders, 1, memory_order_relaxed);
	return sealed;
}

void envelope_release(const struct envelope *sealed)
{
	struct sealed *block;

	if (!sealed)
		return;
	block = sealed_of(sealed);
	if (atomic_fetch_sub_explicit(&block->holders, 1, memory_order_acq_rel) == 1)
		memory_give(block, block->size);
}
