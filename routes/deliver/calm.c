#include "routes/deliver/calm.h"

#include <string.h>

#include "codecs/model/mass_mention.h"
#include "codecs/registry.h"
#include "codecs/text/memory.h"

bool calm_needed(const struct envelope *event, struct slice origin, const struct codec_view *view)
{
	/* Nearly no text has such a sign. */
	if (!event->text.len || view->mass_mentions || event->flags & FLAG_MASS_MENTIONS ||
	    (!memchr(event->text.data, '@', event->text.len) &&
	     !memchr(event->text.data, '!', event->text.len)))
		return false;
	/* A backend is the operator's own. */
	return mass_mention_next(event->text, 0) < event->text.len &&
	       registry_find(origin) < DIALECTS_MAX && !slice_is(origin, view->codec->name);
}

static size_t breaks_in(struct slice text)
{
	size_t count = 0;

	for (size_t at = mass_mention_next(text, 0); at < text.len;
	     at = mass_mention_next(text, at))
		count++;
	return count;
}

/* Appends text to *end, which is moved. Returns what it is there. */
static struct slice put(char **end, struct slice text)
{
	char *begin = *end;

	for (size_t from = 0, at; from < text.len; from = at) {
		at = mass_mention_next(text, from);
		memcpy(*end, text.data + from, at - from);
		*end += at - from;
		if (at == text.len)
			break;
		memcpy(*end, MASS_MENTION_BREAK, MASS_MENTION_BREAK_LEN);
		*end += MASS_MENTION_BREAK_LEN;
	}
	return slice_span(begin, (size_t)(*end - begin));
}

void calm_event(const struct envelope *event, struct degraded *out)
{
	char *end;

	*out = (struct degraded){ .event = *event };
	out->text =
	    memory_new(event->text.len + breaks_in(event->text) * MASS_MENTION_BREAK_LEN + 1);
	end = out->text;
	if (event->part_count == 0) {
		out->event.text = put(&end, event->text);
		return;
	}
	out->parts = memory_new(event->part_count * sizeof(*out->parts));
	memcpy(out->parts, event->parts, event->part_count * sizeof(*out->parts));
	for (size_t i = 0; i < event->part_count; i++)
		out->parts[i].text = put(&end, event->parts[i].text);
	out->event.parts = out->parts;
	out->event.text = slice_span(out->text, (size_t)(end - out->text));
}
