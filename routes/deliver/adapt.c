#include "routes/deliver/adapt.h"

#include <stdlib.h>
#include <string.h>

#include "codecs/model/emote.h"
#include "codecs/registry.h"
#include "codecs/text/memory.h"
#include "routes/deliver/calm.h"

/* ---- emoticons and emoji ---- */

static bool draws(struct slice origin)
{
	size_t dialect = registry_find(origin);

	return dialect < DIALECTS_MAX && registry_codec(dialect)->draws_emotes;
}

static bool has_codes(const struct envelope *event)
{
	for (size_t i = 0; i < event->part_count; i++)
		if (event->parts[i].kind == PART_EMOTE && emote_emoji(event->parts[i].text).len)
			return true;
	return false;
}

/* Only where a person wrote it: what the server says tells of emoji as they are. */
static bool has_emoji(const struct envelope *event)
{
	struct slice emoji;
	struct part part;

	return (event->kind == KIND_MESSAGE || event->kind == KIND_EDIT) &&
	       emote_next(event->text, 0, false, &emoji, &part) < event->text.len;
}

bool emotes_needed(const struct envelope *event, struct slice origin, const struct codec *codec)
{
	bool drawn = event->part_count > 0 && draws(origin);

	if (codec->draws_emotes)
		return !draws(origin) && has_emoji(event);
	return drawn && has_codes(event);
}

/* Parts in the making, whose texts stand one behind the other. */
struct making {
	char *end;
	struct part *parts;
	size_t count;
};

/* A text joins the one before. The first part is one. */
static void put(struct making *m, struct part part, struct slice text)
{
	struct part *last = m->count ? &m->parts[m->count - 1] : NULL;

	part.text = slice_span(m->end, text.len);
	if (text.len)
		memcpy(m->end, text.data, text.len);
	m->end += text.len;
	if (last && part.kind == PART_TEXT && last->kind == PART_TEXT) {
		last->text.len += text.len;
		return;
	}
	if (!last && part.kind != PART_TEXT)
		m->parts[m->count++] = (struct part){ .text = slice_span(part.text.data, 0) };
	if (part.kind != PART_TEXT || text.len || !last)
		m->parts[m->count++] = part;
}

static void put_emoji(struct making *m, const struct part *part)
{
	struct slice emoji = { NULL, 0 };

	if (part->kind == PART_EMOTE)
		emoji = emote_emoji(part->text);
	if (emoji.len)
		put(m, (struct part){ .kind = PART_TEXT }, emoji);
	else
		put(m, *part, part->text);
}

/* A text, with the emoji in it as emoticons, as long as there are some *left. */
static void put_codes(struct making *m, struct slice text, bool typed, size_t *left)
{
	size_t from = 0;

	while (from < text.len) {
		struct slice emoji = { NULL, 0 };
		struct part part;
		size_t at = *left ? emote_next(text, from, typed, &emoji, &part) : text.len;

		put(m, (struct part){ .kind = PART_TEXT }, slice_span(text.data + from, at - from));
		if (at == text.len)
			break;
		put(m, part, part.text);
		from = at + emoji.len;
		(*left)--;
	}
}

void emotes_event(const struct envelope *event, const struct codec *codec, bool typed,
		  struct degraded *out)
{
	const struct part whole = { .kind = PART_TEXT, .text = event->text };
	const struct part *parts = event->part_count ? event->parts : &whole;
	size_t count = event->part_count ? event->part_count : 1, left = EMOTES_MAX;
	struct making m = { .count = 0 };

	*out = (struct degraded){ .event = *event };
	/* An emoji is longer than its code, by less than it has bytes. */
	out->text = memory_new(event->text.len + count * EMOTE_EMOJI_MAX + 1);
	out->parts = memory_new((count + 2 * EMOTES_MAX + 1) * sizeof(*out->parts));
	m.end = out->text;
	m.parts = out->parts;
	for (size_t i = 0; i < count; i++) {
		if (!codec->draws_emotes)
			put_emoji(&m, &parts[i]);
		else if (parts[i].kind == PART_TEXT)
			put_codes(&m, parts[i].text, typed, &left);
		else
			put(&m, parts[i], parts[i].text);
	}
	out->event.text = slice_span(out->text, (size_t)(m.end - out->text));
	out->event.parts = m.count > 1 ? out->parts : NULL;
	out->event.part_count = m.count > 1 ? m.count : 0;
}

/* ---- lists ---- */

/* Fills out with what is told in the place of event. False: the event itself is. */
static bool adapt(const struct envelope *event, const struct codec_view *view, struct degraded *out)
{
	struct slice origin = event->origin.dialect;
	struct degraded calm;

	if (!emotes_needed(event, origin, view->codec)) {
		if (!calm_needed(event, origin, view))
			return false;
		calm_event(event, out);
		return true;
	}
	emotes_event(event, view->codec, false, out);
	if (calm_needed(&out->event, origin, view)) {
		calm_event(&out->event, &calm);
		degrade_clear(out);
		*out = calm;
	}
	return true;
}

void adapted_list_make(struct adapted_list *list, const struct envelope *const *events,
		       size_t count, const struct codec_view *const *views, bool one_view)
{
	*list = (struct adapted_list){ .events = memory_zeroed(count + 1, sizeof(*list->events)),
				       .made = memory_zeroed(count + 1, sizeof(*list->made)) };
	for (size_t i = 0; i < count; i++) {
		struct degraded *made = &list->made[list->made_count];

		list->events[i] = events[i];
		if (!adapt(events[i], views[one_view ? 0 : i], made))
			continue;
		list->events[i] = &made->event;
		list->made_count++;
	}
}

void adapted_list_clear(struct adapted_list *list)
{
	for (size_t i = 0; i < list->made_count; i++)
		degrade_clear(&list->made[i]);
	free(list->made);
	free(list->events);
	*list = (struct adapted_list){ .events = NULL };
}
