#include "codecs/mixer/link.h"

/* So many are told apart; what follows is text. */
#define PARTS_MAX 256

/* The parts' texts stand behind one another in scratch memory, names that are unescaped are put
 * before its end: together they need no more than their source has. */
struct parts_reading {
	struct part parts[PARTS_MAX];
	size_t count;
	const char *begin;
	char *at, *end;
	bool replaced;
};

static struct slice take_text(struct parts_reading *p, struct json_value value)
{
	struct slice text = json_text(value, p->at, &p->replaced);
	struct slice taken = { p->at, text.len };

	if (text.len && text.data != p->at)
		memcpy(p->at, text.data, text.len);
	p->at += text.len;
	return taken;
}

static struct slice take_name(struct parts_reading *p, struct json_value value)
{
	if (value.escaped)
		p->end -= value.source.len;
	return json_text(value, p->end, &p->replaced);
}

/* Adds it, or to the text before; the first is always text. */
static void add_part(struct parts_reading *p, struct part part)
{
	struct part *last = p->count ? &p->parts[p->count - 1] : NULL;

	if (p->count >= PARTS_MAX - 1)
		part = (struct part){ .kind = PART_TEXT, .text = part.text };
	if (!last && part.kind != PART_TEXT) {
		p->parts[p->count++] =
		    (struct part){ .kind = PART_TEXT, .text = slice_span(p->begin, 0) };
	} else if (part.kind == PART_TEXT && last && last->kind == PART_TEXT) {
		last->text.len += part.text.len;
		return;
	} else if (part.kind == PART_TEXT && last && !part.text.len) {
		return;
	}
	p->parts[p->count++] = part;
}

/* Other sheets than the built-in one are not known here: their emoticons are text. */
static bool read_emoticon(struct json_value item, struct part *part)
{
	struct json_value coords = json_find(item, "coords");
	struct json_value source = json_find(item, "source"), pack = json_find(item, "pack");

	if (!slice_is(source.source, "\"builtin\"") || !slice_is(pack.source, "\"default\"") ||
	    coords.type != JSON_OBJECT)
		return false;
	part->x = (uint16_t)call_unsigned(json_find(coords, "x"), UINT16_MAX, 0);
	part->y = (uint16_t)call_unsigned(json_find(coords, "y"), UINT16_MAX, 0);
	return true;
}

/* The value that a named part has for its name; JSON_ABSENT: it is text. */
static struct json_value name_of(struct json_value item, enum part_kind *kind)
{
	static const struct {
		const char *type, *name;
		enum part_kind kind;
	} named[] = {
		{ "\"link\"", "url", PART_LINK },
		{ "\"image\"", "url", PART_IMAGE },
		{ "\"tag\"", "username", PART_MENTION },
	};
	struct slice type = json_find(item, "type").source;

	for (size_t i = 0; i < sizeof(named) / sizeof(*named); i++)
		if (slice_is(type, named[i].type)) {
			*kind = named[i].kind;
			return json_find(item, named[i].name);
		}
	return (struct json_value){ .type = JSON_ABSENT };
}

static void read_part(struct parts_reading *p, struct json_value item)
{
	struct part part = { .kind = PART_TEXT };
	struct json_value name = name_of(item, &part.kind), text = json_find(item, "text");

	if (item.type == JSON_STRING)
		text = item;
	else if (text.type != JSON_STRING)
		text = json_find(item, "data");
	if (text.type == JSON_STRING || name.type != JSON_STRING) {
		part.text = take_text(p, text);
		if (name.type == JSON_STRING)
			part.name = take_name(p, name);
	} else { /* a link without a text */
		part.text = part.name = take_text(p, name);
	}
	if (part.kind != PART_TEXT && !part.name.len)
		part.kind = PART_TEXT;
	if (slice_is(json_find(item, "type").source, "\"emoticon\"") && read_emoticon(item, &part))
		part.kind = PART_EMOTE;
	add_part(p, part);
}

static void read_text(struct mixer_reading *r, struct json_value list, struct parts_reading *p)
{
	struct json_value item;
	size_t cursor = 0;

	p->count = 0;
	p->replaced = false;
	p->begin = p->at = r->free;
	p->end = r->free + list.source.len;
	r->free = p->end;
	if (list.type == JSON_STRING)
		(void)take_text(p, list);
	while (json_item(list, &cursor, &item))
		read_part(p, item);
	r->heard.event.text = slice_span(p->begin, (size_t)(p->at - p->begin));
	if (p->replaced)
		r->heard.event.flags |= FLAG_DEGRADED;
	if (p->count > 1) {
		r->heard.event.parts = p->parts;
		r->heard.event.part_count = p->count;
	}
}

/* ---- the rest ---- */

/* Whose name it is may be known. */
static void read_target(struct mixer_reading *r, struct json_value target)
{
	const struct mixer_link *link = mixer_link_of(r->peer);
	struct foreign_person *subject = &r->heard.subject;

	subject->name = call_text(target, &r->free, NULL);
	if (!subject->name.len)
		subject->name = slice_of(link->name);
	if (link->user && slice_equal(subject->name, slice_of(link->name)))
		subject->id = slice_of(link->user);
}

static void read_meta(struct mixer_reading *r, struct json_value meta)
{
	if (call_is_true(json_find(meta, "me")))
		r->heard.event.flags |= FLAG_ACTION;
	if (!call_is_true(json_find(meta, "whisper")))
		return;
	r->heard.event.flags |= FLAG_PRIVATE;
	read_target(r, json_find(r->data, "target"));
}

/* message.message, or whatever stands in its place. */
static struct json_value list_of(struct json_value message)
{
	return message.type == JSON_OBJECT ? json_find(message, "message") : message;
}

/* Members of meta, as one that data itself never has, come first; then those of data. Only together
 * they may be too long: then those of meta are left out. */
static struct slice read_besides(struct mixer_reading *r, struct json_value meta)
{
	/* Beside these, what the serving side writes of its own is said as it came. */
	static const char *const modelled[] = { "channel", "id",         "user_name",
						"user_id", "user_roles", "message",
						"target",  "meta",       NULL };
	static const char *const modelled_meta[] = { "me", "whisper", NULL };
	const size_t len = sizeof(MIXER_EXTRA_META) - 1;
	char *begin = r->free;
	struct slice of_meta, of_data;

	r->free += len;
	of_meta = call_extra(meta, modelled_meta, &r->free);
	if (of_meta.len) {
		memcpy(begin, MIXER_EXTRA_META, len);
		memcpy(r->free, "},", 2);
		r->free += 2;
	} else {
		r->free = begin;
	}
	of_data = call_extra(r->data, modelled, &r->free);
	if (!of_meta.len || (size_t)(r->free - begin) > CALL_EXTRA_MAX)
		return of_data;
	return slice_span(begin, (size_t)(r->free - begin) - (of_data.len == 0));
}

enum reason mixer_hear_chat(struct mixer_reading *r)
{
	struct json_value message = json_find(r->data, "message"), list = list_of(message);
	struct call_heard *heard = &r->heard;
	struct parts_reading p;

	if ((list.type != JSON_STRING && list.type != JSON_ARRAY) ||
	    !call_id(json_find(r->data, "id"), &r->free, &heard->id) ||
	    !mixer_read_room(r, "channel") ||
	    !mixer_read_person(r, r->data, mixer_user_keys, &heard->author))
		return REASON_BAD_ARGUMENT;
	heard->event.kind =
	    heard->author.id.len || heard->author.name.len ? KIND_MESSAGE : KIND_NOTICE;
	read_text(r, list, &p);
	read_meta(r, json_find(message, "meta"));
	heard->event.extra = read_besides(r, json_find(message, "meta"));
	r->sink->heard(r->sink, heard);
	return REASON_NONE;
}
