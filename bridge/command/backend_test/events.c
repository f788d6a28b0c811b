#include "bridge/command/backend_test/events.h"

#include "codecs/model/envelope.h"

/* An earlier message, which edits and such are about; and what comes after it. */
#define TARGET      UINT64_C(517393612800001)
#define ID          UINT64_C(517393612800002)
#define HAPPENED    UINT64_C(1767225600000)
#define UNKNOWN     "unheard_of"
#define TEN_MINUTES 600000

static const struct person ann = {
	.name = { "Ann", 3 }, .number = 7, .uuid = { 0x20, 0, 0, 1 }, .roles = ROLE_USER | ROLE_MOD
};
static const struct person bob = {
	.name = { "bob", 3 }, .number = 1073741825, .uuid = { 0x20, 0, 0, 2 }, .roles = ROLE_USER
};

static const struct reaction_count reactions[] = { { { "\xf0\x9f\x91\x8d", 4 }, 2 } };
static const uint64_t removed[] = { TARGET };
static const struct poll poll = { .question = { "Tea?", 4 },
				  .options = { { "yes", 3 }, { "no", 2 } },
				  .option_count = 2,
				  .duration_ms = 60000,
				  .ends_ms = HAPPENED + 60000 };

static struct slice text_of(enum envelope_kind kind)
{
	switch (kind) {
	case KIND_MESSAGE: return SLICE("Gr\xc3\xbc\xc3\x9f dich, \"you\" \\o/ \xf0\x9f\x98\x80");
	case KIND_EDIT: return SLICE("hello again");
	case KIND_REACTION: return SLICE("\xf0\x9f\x91\x8d");
	case KIND_KICK: return SLICE("enough");
	case KIND_TIMEOUT: return SLICE("10m");
	case KIND_PRESENCE: return SLICE("AWAY");
	case KIND_NOTICE: return SLICE("The server says something");
	default: return (struct slice){ NULL, 0 };
	}
}

/* What an event of that kind holds beside author and text. */
static void put_details(struct envelope *event, bool ordered)
{
	switch (event->kind) {
	case KIND_EDIT:
	case KIND_DELETE:
	case KIND_READ: event->target = TARGET; break;
	case KIND_REACTION:
		event->target = TARGET;
		event->flags = FLAG_ADDING;
		event->reactions = ordered ? reactions : NULL;
		event->reaction_count = ordered ? 1 : 0;
		break;
	case KIND_CLEAR:
	case KIND_PURGE:
	case KIND_KICK:
	case KIND_TIMEOUT:
		event->removed = ordered ? removed : NULL;
		event->removed_count = ordered ? 1 : 0;
		break;
	case KIND_POLL_START:
	case KIND_POLL_END: event->poll = &poll; break;
	default: break;
	}
	if (event->kind == KIND_TIMEOUT)
		event->duration_ms = TEN_MINUTES;
}

static bool is_about_somebody(enum envelope_kind kind)
{
	return kind == KIND_PURGE || kind == KIND_INVITE || kind == KIND_KICK ||
	       kind == KIND_TIMEOUT || kind == KIND_USER_UPDATE;
}

static struct envelope example(enum envelope_kind kind, const char *room, bool ordered)
{
	struct envelope event = { .kind = kind,
				  .time_ms = HAPPENED,
				  .room = slice_of(room),
				  .text = text_of(kind),
				  .origin = { .dialect = SLICE("simple"), .instance = SLICE("/simple") } };

	if (kind == KIND_NOTICE)
		event.origin =
		    (struct origin){ .dialect = SLICE("backend"), .instance = SLICE("herald") };
	else
		event.author = ann;
	if (is_about_somebody(kind))
		event.subject = bob;
	put_details(&event, ordered);
	if (ordered) {
		event.id = ID;
		event.sequence = envelope_has_place(&event) ? 2 : 0;
	}
	return event;
}

static void put_unknown_keys(struct json_writer *w)
{
	json_field_string(w, UNKNOWN, SLICE("nobody knows this key"));
	json_key(w, UNKNOWN "_too");
	json_put_raw(w, SLICE("{\"deep\":[1,-2.5e3,null,true,{\"text\":\"\\u0000\"}]}"));
}

/* Another kind, or keys, than the writer of envelopes has. */
static void put_unheard_of(struct json_writer *w, const char *kind, const char *room, bool keys)
{
	json_object_open(w);
	json_field_string(w, "kind", slice_of(kind));
	json_field_unsigned(w, "id", ID);
	json_field_string(w, "room", slice_of(room));
	json_field_string(w, "text", SLICE("hello"));
	if (keys)
		put_unknown_keys(w);
	json_key(w, "author");
	json_object_open(w);
	json_field_string(w, "name", SLICE("Ann"));
	json_field_unsigned(w, "number", 7);
	if (keys)
		json_field_unsigned(w, UNKNOWN, 1);
	json_object_close(w);
	json_key(w, "origin");
	json_object_open(w);
	json_field_string(w, "dialect", SLICE("simple"));
	json_field_unsigned(w, "hops", 0);
	json_object_close(w);
	json_object_close(w);
}

void example_put(struct json_writer *w, enum envelope_kind kind, const char *room, bool ordered,
		 bool unknown)
{
	struct envelope event;

	if (kind == ENVELOPE_KINDS || unknown) {
		put_unheard_of(w, example_name(kind), room, unknown);
		return;
	}
	event = example(kind, room, ordered);
	wire_put_envelope(w, &event);
}

const char *example_name(enum envelope_kind kind)
{
	return kind < ENVELOPE_KINDS ? envelope_kind_name(kind) : UNKNOWN;
}

bool example_is_told(enum envelope_kind kind)
{
	return kind != KIND_POLL_END && kind != KIND_OPAQUE;
}

bool example_is_asked(enum envelope_kind kind)
{
	return example_is_told(kind) && kind != KIND_ENTER && kind != KIND_EXIT;
}
