#include "bridge/upstream/saying_text.h"

#include <stdio.h>
#include <string.h>

#include "codecs/model/mass_mention.h"
#include "codecs/text/name.h"
#include "codecs/text/unicode.h"
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

/* What of an ASCII text is neither a letter, a digit nor white. */
static bool is_mark(char byte)
{
	return byte > ' ' && byte <= '~' && !(byte >= '0' && byte <= '9') &&
	       !(byte >= 'a' && byte <= 'z') && !(byte >= 'A' && byte <= 'Z');
}

/* What follows up to the next field says where the name ends. */
static void put_name(struct json_writer *w, struct slice name, const char *format)
{
	struct nick_part behind = { .text = NULL, .len = 0 };
	size_t from = 0;

	if (!nick_format_next(&format, &behind) || behind.field)
		behind.len = 0;
	for (size_t i = 0; i < name.len; i++) {
		if (!behind.len || !is_mark(name.data[i]) ||
		    !memchr(behind.text, name.data[i], behind.len))
			continue;
		put(w, slice_span(name.data + from, i - from));
		put(w, SLICE("_"));
		from = i + 1;
	}
	put(w, slice_span(name.data + from, name.len - from));
}

/* format: what is behind the field. */
static void put_field(struct json_writer *w, const struct envelope *event, enum nick_field field,
		      const char *format)
{
	char number[16];

	switch (field) {
	case NICK_NAME: put_name(w, event->author.name, format); break;
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

/* Appends who a message, an edit or a notice is of: by format (see conf/table/nick_format.h), or,
 * of an action, "* NAME ". A notice has nobody. Of a name, what separates it from the text stands
 * as
 * '_', so that no name begins somebody else's words. */
static void put_who(struct json_writer *w, const struct envelope *event, const char *format)
{
	struct nick_part part;

	if (event->flags & FLAG_ACTION && event->author.name.len) {
		put(w, SLICE("* "));
		put(w, event->author.name);
		put(w, SLICE(" "));
	} else if (event->kind != KIND_NOTICE && event->author.name.len) {
		while (nick_format_next(&format, &part))
			if (part.field)
				put_field(w, event, part.which, format);
			else
				put(w, slice_span(part.text, part.len));
	}
}

/* Bytes of the line's end that text begins with; 0: it does not. */
static size_t line_end(struct slice text)
{
	static const char *const ends[] = { "\r\n", "\n",       "\r",           "\v",
					    "\f",   "\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xa9" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (slice_starts_with(text, ends[i]))
			return strlen(ends[i]);
	return 0;
}

/* Most have one line: they are not looked at byte by byte. */
static bool may_have_lines(struct slice text)
{
	static const char firsts[] = "\n\r\v\f\xc2\xe2";

	for (const char *first = firsts; text.len && *first; first++)
		if (memchr(text.data, *first, text.len))
			return true;
	return false;
}

static void put_lines(struct json_writer *w, struct slice text, struct slice who)
{
	size_t from = 0;

	for (size_t i = 0; i < text.len;) {
		size_t end = line_end(slice_span(text.data + i, text.len - i));

		i += end ? end : 1;
		if (!end || i == text.len)
			continue;
		put(w, slice_span(text.data + from, i - from));
		put(w, who);
		from = i;
	}
	put(w, slice_span(text.data + from, text.len - from));
}

size_t saying_put_text(struct json_writer *w, const struct envelope *event, const char *format)
{
	size_t before = w->len, len;
	struct json_writer who;

	put_who(w, event, format);
	len = w->len - before;
	if (!len || !may_have_lines(event->text)) {
		put(w, event->text);
		return len;
	}
	/* What is written moves when it grows. */
	json_start(&who, 0, len);
	put(&who, slice_span(w->data + before, len));
	put_lines(w, event->text, slice_span(who.data, who.len));
	json_clear(&who);
	return len;
}

bool saying_words_action(const struct codec_calls *calls, const struct envelope *event)
{
	return event->flags & FLAG_ACTION && (!calls->has_action || event->flags & FLAG_PRIVATE);
}

void saying_put_calm(struct json_writer *w, struct slice text)
{
	for (size_t from = 0, at; from < text.len; from = at) {
		at = mass_mention_next(text, from);
		put(w, slice_span(text.data + from, at - from));
		if (at < text.len)
			put(w, SLICE(MASS_MENTION_BREAK));
	}
}

size_t saying_calm_len(struct slice text)
{
	size_t len = text.len;

	for (size_t at = mass_mention_next(text, 0); at < text.len;
	     at = mass_mention_next(text, at))
		len += MASS_MENTION_BREAK_LEN;
	return len;
}

struct text_cut text_cut_begin(struct slice text, size_t who_len, size_t units)
{
	struct text_cut cut = { .rest = text, .units = units };

	if (units && who_len && text_utf16_length(slice_span(text.data, who_len)) <= units / 2)
		cut.who = slice_span(text.data, who_len);
	return cut;
}

size_t text_cut_next(struct text_cut *cut)
{
	size_t before = cut->number++ ? cut->who.len : 0, len = cut->rest.len;

	if (cut->units)
		len = unicode_part(cut->rest,
				   cut->units - (before ? text_utf16_length(cut->who) : 0));
	cut->rest = slice_span(cut->rest.data + len, cut->rest.len - len);
	return before + len;
}

void text_cut_put(struct json_writer *w, struct text_cut *cut)
{
	struct slice rest = cut->rest;
	size_t len = text_cut_next(cut);

	if (cut->number > 1) {
		put(w, cut->who);
		len -= cut->who.len;
	}
	put(w, slice_span(rest.data, len));
}
