#include "routes/room/digest.h"

#include <string.h>

/* Eight bytes at a time, the lowest first, whatever the machine. */
void digest_text(struct digest *digest, struct slice text)
{
	const unsigned char *at = (const unsigned char *)text.data;

	digest_number(digest, text.len);
	for (size_t left = text.len; left > 0;) {
		size_t take = left < 8 ? left : 8;
		uint64_t word = 0;

		for (size_t i = 0; i < take; i++)
			word |= (uint64_t)at[i] << 8 * i;
		digest_number(digest, word);
		at += take;
		left -= take;
	}
}

void digest_person(struct digest *digest, const struct person *person)
{
	digest_number(digest, person->number);
	digest_number(digest, person->roles);
	digest_text(digest, slice_span((const char *)person->uuid, sizeof(person->uuid)));
	digest_text(digest, person->name);
}

void digest_poll(struct digest *digest, const struct poll *poll)
{
	digest_text(digest, poll->question);
	digest_number(digest, poll->option_count);
	for (size_t i = 0; i < poll->option_count; i++) {
		digest_text(digest, poll->options[i]);
		digest_number(digest, poll->counts[i]);
	}
	digest_number(digest, poll->voters);
	digest_number(digest, poll->duration_ms);
	digest_number(digest, poll->ends_ms);
}

static void digest_words(struct digest *digest, const struct envelope *event)
{
	digest_text(digest, event->text);
	digest_number(digest, event->part_count);
	for (size_t i = 0; i < event->part_count; i++) {
		const struct part *part = &event->parts[i];

		digest_number(digest, part->kind);
		digest_text(digest, part->text);
		digest_text(digest, part->name);
		digest_number(digest, part->number);
		digest_number(digest, (uint64_t)part->x << 16 | part->y);
	}
}

void digest_deed(struct digest *digest, const struct envelope *event)
{
	digest_number(digest, event->kind);
	digest_number(digest, event->flags);
	digest_number(digest, event->id);
	digest_number(digest, event->sequence);
	digest_number(digest, event->time_ms);
	digest_number(digest, (uint64_t)event->client_time_ms);
	digest_text(digest, event->room);
	digest_text(digest, event->thread);
	digest_person(digest, &event->author);
	digest_person(digest, &event->subject);
	digest_number(digest, event->target);
	digest_number(digest, event->duration_ms);
	digest_text(digest, event->extra);
	digest_text(digest, event->origin.dialect);
	digest_text(digest, event->origin.instance);
	digest_number(digest, event->origin.hops);
}

void digest_event(struct digest *digest, const struct envelope *event)
{
	digest_deed(digest, event);
	digest_words(digest, event);
}
