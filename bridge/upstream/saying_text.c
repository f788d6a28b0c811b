#include "bridge/upstream/saying_text.h"

#include <stdio.h>
#include <strings.h>

#include "conf/table/nick_format.h"

static void put(struct json_writer *w, struct slice text)
{
	if (text.len)
		json_put_literal(w, text.data, text.len);
}

static void put_roles(struct json_writer *w, uint32_t roles)
{
	bool first = true;

	for (uint32_t role = 1; role <= ROLE_MUTED; role <<= 1) {
		if (!(roles & role))
			continue;
		if (!first)
			put(w, SLICE(","));
		put(w, slice_of(person_role_name(role)));
		first = false;
	}
}

static void put_field(struct json_writer *w, const struct envelope *event, enum nick_field field)
{
	char number[16];

	switch (field) {
	case NICK_NAME: put(w, event->author.name); break;
	case NICK_DIALECT: put(w, event->origin.dialect); break;
	case NICK_ROOM: put(w, event->room); break;
	case NICK_NUMBER:
		snprintf(number, sizeof(number), "%u", event->author.number);
		put(w, slice_of(number));
		break;
	case NICK_ROLES: put_roles(w, event->author.roles); break;
	case NICK_FIELDS: break;
	}
}

void saying_put_text(struct json_writer *w, const struct envelope *event, const char *format)
{
	struct nick_part part;

	if (event->flags & FLAG_ACTION && event->author.name.len) {
		put(w, SLICE("* "));
		put(w, event->author.name);
		put(w, SLICE(" "));
	} else if (event->kind != KIND_NOTICE && event->author.name.len) {
		while (nick_format_next(&format, &part))
			if (part.field)
				put_field(w, event, part.which);
			else
				put(w, slice_span(part.text, part.len));
	}
	put(w, event->text);
}

bool saying_words_action(const struct codec_calls *calls, const struct envelope *event)
{
	return event->flags & FLAG_ACTION && (!calls->has_action || event->flags & FLAG_PRIVATE);
}

/* Bytes of the word at the beginning that calls everybody; 0: there is none. */
static size_t calls_everybody(struct slice text)
{
	static const char *const words[] = { "@everyone", "@here", "@channel", "@all", "@room" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		size_t len = slice_of(words[i]).len;

		if (text.len >= len && strncasecmp(text.data, words[i], len) == 0)
			return len;
	}
	return 0;
}

void saying_put_calm(struct json_writer *w, struct slice text)
{
	size_t from = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] != '@' ||
		    !calls_everybody(slice_span(text.data + i, text.len - i)))
			continue;
		put(w, slice_span(text.data + from, i + 1 - from));
		put(w, SLICE("\xe2\x80\x8b"));
		from = i + 1;
	}
	put(w, slice_span(text.data + from, text.len - from));
}
