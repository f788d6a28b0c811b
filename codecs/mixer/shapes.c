#include "codecs/mixer/mixer.h"

#include <string.h>

#define ROLE(name)                                                                                 \
	{                                                                                          \
		"\"" name "\"", sizeof("\"" name "\"") - 1                                         \
	}

/* By bit. */
static const struct slice role_names[] = {
	ROLE("User"),  ROLE("Pro"),     ROLE("Subscriber"), ROLE("ChannelEditor"), ROLE("Mod"),
	ROLE("Staff"), ROLE("Founder"), ROLE("Owner"),      ROLE("Banned"),        ROLE("Muted"),
};

#define ROLES_NAMED ((1U << (sizeof(role_names) / sizeof(role_names[0]))) - 1)

/* Highest first: a published bot takes the first as the person's rank. */
void mixer_write_roles(struct json_writer *w, uint32_t roles)
{
	if (roles == ROLE_USER) {
		WORDING_TEMPLATE(w, "[\"User\"]");
		return;
	}
	WORDING_TEMPLATE(w, "[");
	for (roles &= ROLES_NAMED; roles;) {
		unsigned bit = 31U - (unsigned)__builtin_clz(roles);

		json_put_raw(w, role_names[bit]);
		roles &= ~(1U << bit);
	}
	WORDING_TEMPLATE(w, "]");
}

uint32_t mixer_read_roles(struct json_value list, char *scratch)
{
	struct json_value item;
	uint32_t roles = 0;
	size_t cursor = 0;

	while (json_item(list, &cursor, &item)) {
		struct slice name = json_text(item, scratch, NULL);

		/* Two names of the same. */
		if (slice_is(name, "GlobalMod") || slice_is(name, "Global Mod"))
			roles |= ROLE_MOD;
		for (unsigned i = 0; i < sizeof(role_names) / sizeof(role_names[0]); i++)
			if (slice_equal(name,
					slice_span(role_names[i].data + 1, role_names[i].len - 2)))
				roles |= 1U << i;
	}
	return roles;
}

void mixer_write_permissions(struct json_writer *w, uint32_t roles)
{
	if (roles & ROLE_BANNED)
		WORDING_TEMPLATE(w, "[]");
	else if (roles & ROLES_MODERATING)
		WORDING_TEMPLATE(w,
				 "[\"chat\",\"connect\",\"poll_vote\",\"whisper\",\"poll_start\","
				 "\"timeout\",\"purge\",\"remove_message\",\"clear_messages\"]");
	else if (roles & ROLE_MUTED)
		WORDING_TEMPLATE(w, "[\"connect\"]");
	else
		WORDING_TEMPLATE(w, "[\"chat\",\"connect\",\"poll_vote\",\"whisper\"]");
}

void mixer_write_message_id(struct json_writer *w, const struct codec_view *view, uint64_t id)
{
	static const char before[] = "\"id\":\"", after[] = "\",";
	char text[sizeof(before) - 1 + UUID_TEXT_LEN + sizeof(after) - 1];
	unsigned char uuid[16];

	identity_uuid(view->ids, ID_MESSAGE, id, 0, uuid);
	memcpy(text, before, sizeof(before) - 1);
	uuid_print(uuid, text + sizeof(before) - 1);
	memcpy(text + sizeof(before) - 1 + UUID_TEXT_LEN, after, sizeof(after) - 1);
	json_put_literal(w, text, sizeof(text));
	w->comma = false;
}

static void write_person_fields(struct json_writer *w, const struct person *person)
{
	WORDING_TEMPLATE(w, "\"user_name\":");
	json_put_string(w, person->name);
	WORDING_TEMPLATE(w, ",\"user_id\":");
	json_put_unsigned(w, person->number);
	WORDING_TEMPLATE(w, ",\"user_roles\":");
	mixer_write_roles(w, person->roles);
}

void mixer_write_person(struct json_writer *w, const struct person *person, bool with_level)
{
	WORDING_TEMPLATE(w, "{");
	write_person_fields(w, person);
	if (with_level)
		WORDING_TEMPLATE(w, ",\"user_level\":0");
	WORDING_TEMPLATE(w, "}");
}

const struct person *mixer_actor(const struct envelope *event, const struct codec_view *view)
{
	bool by_person = event->author.number && event->kind != KIND_NOTICE;

	return by_person ? &event->author : &view->bridge;
}

/* ---- the parts of a message ---- */

/* The text stands there twice, but is escaped once. */
static void write_text_part(struct json_writer *w, struct slice text)
{
	size_t start, len;

	WORDING_TEMPLATE(w, "{\"type\":\"text\",\"data\":\"");
	start = w->len;
	json_put_piece(w, text);
	len = w->len - start;
	WORDING_TEMPLATE(w, "\",\"text\":\"");
	if (w->cap - w->len >= len) {
		memcpy(w->data + w->len, w->data + start, len);
		w->len += len;
	} else {
		json_put_piece(w, text);
	}
	WORDING_TEMPLATE(w, "\"}");
}

static void write_emoticon(struct json_writer *w, const struct part *part)
{
	WORDING_TEMPLATE(w, "{\"type\":\"emoticon\",\"source\":\"builtin\",\"pack\":\"default\","
			    "\"coords\":{\"x\":");
	json_put_unsigned(w, part->x);
	WORDING_TEMPLATE(w, ",\"y\":");
	json_put_unsigned(w, part->y);
	WORDING_TEMPLATE(w, ",\"width\":24,\"height\":24},\"text\":");
	json_put_string(w, part->text);
	WORDING_TEMPLATE(w, "}");
}

static void write_part(struct json_writer *w, const struct part *part)
{
	switch (part->kind) {
	case PART_TEXT: write_text_part(w, part->text); return;
	case PART_EMOTE: write_emoticon(w, part); return;
	case PART_LINK: WORDING_TEMPLATE(w, "{\"type\":\"link\",\"url\":"); break;
	case PART_IMAGE: WORDING_TEMPLATE(w, "{\"type\":\"image\",\"url\":"); break;
	case PART_MENTION: WORDING_TEMPLATE(w, "{\"type\":\"tag\",\"username\":"); break;
	}
	json_put_string(w, part->name);
	if (part->kind == PART_MENTION) {
		WORDING_TEMPLATE(w, ",\"id\":");
		json_put_unsigned(w, part->number);
	}
	WORDING_TEMPLATE(w, ",\"text\":");
	json_put_string(w, part->text);
	WORDING_TEMPLATE(w, "}");
}

/* The first part is always a text part: bots read its data without a look at its type. */
static void write_parts(struct json_writer *w, const struct envelope *event)
{
	if (event->part_count == 0) {
		write_text_part(w, event->text);
		return;
	}
	if (event->parts[0].kind != PART_TEXT) {
		write_text_part(w, SLICE(""));
		WORDING_TEMPLATE(w, ",");
	}
	for (size_t i = 0; i < event->part_count; i++) {
		if (i > 0)
			WORDING_TEMPLATE(w, ",");
		write_part(w, &event->parts[i]);
	}
}

/* What follows the parts, where a mixer server said more of it. */
static void write_rich_meta(struct json_writer *w, const struct envelope *event, struct slice meta)
{
	WORDING_TEMPLATE(w, "],\"meta\":{");
	if (event->flags & FLAG_PRIVATE)
		WORDING_TEMPLATE(w, "\"whisper\":true,");
	if (event->flags & FLAG_ACTION)
		WORDING_TEMPLATE(w, "\"me\":true,");
	json_put_literal(w, meta.data, meta.len);
	WORDING_TEMPLATE(w, "}}");
	if (event->flags & FLAG_PRIVATE) {
		WORDING_TEMPLATE(w, ",\"target\":");
		json_put_string(w, event->subject.name);
	}
	WORDING_TEMPLATE(w, "}");
}

/* What follows the parts. Flags that are not set are left out: a published client tests for the
 * key alone. */
static void write_meta(struct json_writer *w, const struct envelope *event, struct slice meta)
{
	bool action = event->flags & FLAG_ACTION;

	if (meta.len) {
		write_rich_meta(w, event, meta);
		return;
	}
	if (!(event->flags & FLAG_PRIVATE)) {
		if (action)
			WORDING_TEMPLATE(w, "],\"meta\":{\"me\":true}}}");
		else
			WORDING_TEMPLATE(w, "],\"meta\":{}}}");
		return;
	}
	if (action)
		WORDING_TEMPLATE(w, "],\"meta\":{\"whisper\":true,\"me\":true}},\"target\":");
	else
		WORDING_TEMPLATE(w, "],\"meta\":{\"whisper\":true}},\"target\":");
	json_put_string(w, event->subject.name);
	WORDING_TEMPLATE(w, "}");
}

/* What a mixer server said besides of a message: members of its meta, and of data. */
struct besides {
	struct slice meta, data;
};

static struct besides besides_of(const struct envelope *event)
{
	const size_t colon = sizeof(MIXER_EXTRA_META) - 3;
	struct slice extra = event->extra;
	struct json_value list = { .type = JSON_ARRAY }, meta;
	struct besides besides = { .data = extra };
	size_t cursor = 0, end;

	if (extra.len == 0 || !slice_is(event->origin.dialect, "mixer"))
		return (struct besides){ .meta = { NULL, 0 } };
	if (!slice_starts_with(extra, MIXER_EXTRA_META))
		return besides;
	/* The value is read as if a list began with the colon, and ended behind the extra. */
	list.source = slice_span(extra.data + colon, extra.len - colon + 1);
	if (!json_item(list, &cursor, &meta))
		return besides;
	end = colon + cursor;
	besides.meta = slice_span(meta.source.data + 1, meta.source.len - 2);
	besides.data = (struct slice){ NULL, 0 };
	if (end < extra.len)
		besides.data = slice_span(extra.data + end + 1, extra.len - end - 1);
	return besides;
}

static bool says(struct slice data, struct slice member)
{
	return data.len && memmem(data.data, data.len, member.data, member.len) != NULL;
}

/* What published clients look for, where no mixer server has said it. Constant members, each behind
 * a comma. */
static void write_author_rest(struct json_writer *w, struct slice data)
{
	if (data.len == 0) {
		WORDING_TEMPLATE(w, ",\"user_level\":0,\"user_avatar\":null,"
				    "\"user_ascension_level\":0");
		return;
	}
	if (!says(data, SLICE("\"user_level\":")))
		WORDING_TEMPLATE(w, ",\"user_level\":0");
	if (!says(data, SLICE("\"user_avatar\":")))
		WORDING_TEMPLATE(w, ",\"user_avatar\":null");
	if (!says(data, SLICE("\"user_ascension_level\":")))
		WORDING_TEMPLATE(w, ",\"user_ascension_level\":0");
	json_put_literal(w, ",", 1);
	json_put_literal(w, data.data, data.len);
}

void mixer_write_chat_message(struct json_writer *w, const struct envelope *event,
			      const struct codec_view *view)
{
	const struct person *author = mixer_actor(event, view);
	struct besides besides = besides_of(event);

	WORDING_TEMPLATE(w, "{\"channel\":");
	json_put_unsigned(w, view->room_number);
	WORDING_TEMPLATE(w, ",");
	mixer_write_message_id(w, view, event->id);
	write_person_fields(w, author);
	if (author != &view->bridge)
		write_author_rest(w, besides.data);
	WORDING_TEMPLATE(w, ",\"message\":{\"message\":[");
	write_parts(w, event);
	write_meta(w, event, besides.meta);
}

size_t mixer_chat_message_size(const struct envelope *event)
{
	return 512 + 2 * event->text.len + 160 * event->part_count + event->extra.len;
}
