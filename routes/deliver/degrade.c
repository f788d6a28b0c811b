#include "routes/deliver/degrade.h"

#include <stdlib.h>

#include "codecs/text/memory.h"
#include "routes/deliver/words.h"

/* Who says it: an edit is shown as said by the writer, all else as said by who does it. */
static const struct person *speaker_of(const struct envelope *event)
{
	return event->kind == KIND_EDIT ? &event->subject : &event->author;
}

/* Nobody can say something only as the bridge; and what tells of a third person in a whole
 * sentence is no message of the author either. */
static enum words words_for(const struct envelope *event, enum codec_rule rule,
			    enum audience audience)
{
	enum words words = rule == RULE_TEXT ? WORDS_TEXT : WORDS_ACTION;

	if (audience == AUDIENCE_SUBJECT && words_exist(event->kind, WORDS_SUBJECT))
		return WORDS_SUBJECT;
	if (rule == RULE_NOTICE || !words_exist(event->kind, words))
		return WORDS_NOTICE;
	if (speaker_of(event)->name.len == 0 && event->kind != KIND_EDIT)
		return WORDS_NOTICE;
	return words;
}

static bool is_spoken(const struct envelope *event, enum words words)
{
	return (words == WORDS_TEXT || words == WORDS_ACTION) && speaker_of(event)->name.len > 0;
}

static void stand_in(const struct envelope *event, enum words words, struct slice text,
		     struct envelope *out)
{
	bool spoken = is_spoken(event, words);

	*out = (struct envelope){
		.kind = spoken ? KIND_MESSAGE : KIND_NOTICE,
		.flags = event->flags & (FLAG_PRIVATE | FLAG_DEGRADED | FLAG_MASS_MENTIONS),
		.id = event->id,
		.sequence = event->sequence,
		.time_ms = event->time_ms,
		.client_time_ms = event->client_time_ms,
		.room = event->room,
		.thread = event->thread,
		.text = text,
		.correlation = event->correlation,
		.origin = event->origin,
	};
	if (words == WORDS_ACTION)
		out->flags |= FLAG_ACTION;
	if (event->kind == KIND_EDIT && spoken)
		out->flags |= event->flags & FLAG_ACTION;
	if (spoken)
		out->author = *speaker_of(event);
	if (words == WORDS_SUBJECT)
		out->flags |= FLAG_PRIVATE;
	if (out->flags & FLAG_PRIVATE)
		out->subject = event->subject;
}

/* Links and mentions stay such in a text that is said again: behind what it begins with. */
static void parts_keep(const struct envelope *event, struct degraded *out)
{
	size_t before = out->event.text.len - event->text.len, count = event->part_count;

	if (event->kind != KIND_EDIT || out->event.kind != KIND_MESSAGE || count == 0)
		return;
	out->parts = memory_new((count + 1) * sizeof(*out->parts));
	out->parts[0] =
	    (struct part){ .kind = PART_TEXT, .text = slice_span(out->event.text.data, before) };
	memcpy(out->parts + 1, event->parts, count * sizeof(*out->parts));
	out->event.parts = out->parts;
	out->event.part_count = count + 1;
}

bool degrade_event(const struct envelope *event, enum codec_rule rule, enum audience audience,
		   const struct codec_view *room, struct degraded *out)
{
	enum words words = words_for(event, rule, audience);
	struct slice text;

	*out = (struct degraded){ .text = NULL };
	if (!words_make(event, words, room, &text))
		return false;
	out->text = (char *)(uintptr_t)text.data;
	stand_in(event, words, text, &out->event);
	parts_keep(event, out);
	return true;
}

void degrade_clear(struct degraded *degraded)
{
	free(degraded->text);
	free(degraded->parts);
	degraded->text = NULL;
	degraded->parts = NULL;
}
