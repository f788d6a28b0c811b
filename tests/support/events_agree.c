#include "tests/support/random_event.h"

#include <string.h>

static enum part_kind kind_of_part(enum event_field field)
{
	switch (field) {
	case FIELD_EMOTES: return PART_EMOTE;
	case FIELD_LINKS: return PART_LINK;
	case FIELD_IMAGES: return PART_IMAGE;
	default: return PART_MENTION;
	}
}

static const struct part *next_part(const struct envelope *event, size_t *at, enum part_kind kind)
{
	while (*at < event->part_count) {
		const struct part *part = &event->parts[(*at)++];

		if (part->kind == kind)
			return part;
	}
	return NULL;
}

static bool parts_agree(const struct envelope *a, const struct envelope *b, enum part_kind kind)
{
	size_t i = 0, k = 0;

	for (;;) {
		const struct part *one = next_part(a, &i, kind), *other = next_part(b, &k, kind);

		if (!one || !other)
			return !one && !other;
		if (!slice_equal(one->text, other->text) || one->x != other->x ||
		    one->y != other->y ||
		    (kind != PART_EMOTE && !slice_equal(one->name, other->name)))
			return false;
	}
}

static bool ids_agree(const struct person *a, const struct person *b)
{
	return a->number == b->number;
}

static bool reactions_agree(const struct envelope *a, const struct envelope *b)
{
	if (a->reaction_count != b->reaction_count)
		return false;
	for (size_t i = 0; i < a->reaction_count; i++)
		if (!slice_equal(a->reactions[i].emoji, b->reactions[i].emoji) ||
		    a->reactions[i].count != b->reactions[i].count)
			return false;
	return true;
}

static bool removed_agree(const struct envelope *a, const struct envelope *b)
{
	return a->removed_count == b->removed_count &&
	       (a->removed_count == 0 ||
		memcmp(a->removed, b->removed, a->removed_count * sizeof(*a->removed)) == 0);
}

static bool polls_agree(const struct poll *a, const struct poll *b, enum event_field field)
{
	if (!a || !b)
		return false;
	switch (field) {
	case FIELD_QUESTION: return slice_equal(a->question, b->question);
	case FIELD_VOTERS: return a->voters == b->voters;
	case FIELD_RUNS: return a->duration_ms == b->duration_ms;
	case FIELD_ENDS: return a->ends_ms == b->ends_ms;
	default: break;
	}
	if (a->option_count != b->option_count)
		return false;
	for (uint32_t i = 0; i < a->option_count; i++)
		if (field == FIELD_OPTIONS ? !slice_equal(a->options[i], b->options[i])
					   : a->counts[i] != b->counts[i])
			return false;
	return true;
}

/* The serving side of mixer writes members of its own, which are not modelled either. */
static bool extra_agrees(struct slice a, struct slice b)
{
	return a.len && b.len && memmem(b.data, b.len, a.data, a.len);
}

bool events_agree(const struct envelope *a, const struct envelope *b, enum event_field field)
{
	switch (field) {
	case FIELD_EVENT: return case_of(a) == case_of(b);
	case FIELD_TEXT:
	case FIELD_REASON:
	case FIELD_EMOJI:
	case FIELD_STATUS: return slice_equal(a->text, b->text);
	case FIELD_ACTION: return !((a->flags ^ b->flags) & FLAG_ACTION);
	case FIELD_EMOTES:
	case FIELD_LINKS:
	case FIELD_MENTIONS:
	case FIELD_IMAGES: return parts_agree(a, b, kind_of_part(field));
	case FIELD_AUTHOR_NAME: return slice_equal(a->author.name, b->author.name);
	case FIELD_AUTHOR_ID: return ids_agree(&a->author, &b->author);
	case FIELD_AUTHOR_ROLES: return a->author.roles == b->author.roles;
	case FIELD_SUBJECT_NAME: return slice_equal(a->subject.name, b->subject.name);
	case FIELD_SUBJECT_ID: return ids_agree(&a->subject, &b->subject);
	case FIELD_SUBJECT_ROLES: return a->subject.roles == b->subject.roles;
	case FIELD_ID: return a->id == b->id;
	case FIELD_TARGET: return a->target == b->target;
	case FIELD_TIME: return a->time_ms == b->time_ms;
	case FIELD_CLIENT_TIME: return a->client_time_ms == b->client_time_ms;
	case FIELD_THREAD: return slice_equal(a->thread, b->thread);
	case FIELD_EDITED: return !((a->flags ^ b->flags) & FLAG_EDITED);
	case FIELD_REACTIONS: return reactions_agree(a, b);
	case FIELD_ADDING: return !((a->flags ^ b->flags) & FLAG_ADDING);
	case FIELD_REMOVED: return removed_agree(a, b);
	case FIELD_DURATION: return a->duration_ms == b->duration_ms;
	case FIELD_QUESTION:
	case FIELD_OPTIONS:
	case FIELD_COUNTS:
	case FIELD_VOTERS:
	case FIELD_RUNS:
	case FIELD_ENDS: return polls_agree(a->poll, b->poll, field);
	case FIELD_CHOICE: return a->choice == b->choice;
	case FIELD_EXTRA: return extra_agrees(a->extra, b->extra);
	case EVENT_FIELDS: break;
	}
	return false;
}
