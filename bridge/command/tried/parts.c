#include "bridge/command/tried/parts.h"

#include "codecs/text/json_write.h"

bool tried_is_deed(enum envelope_kind kind)
{
	return kind == KIND_KICK || kind == KIND_TIMEOUT || kind == KIND_INVITE ||
	       kind == KIND_USER_UPDATE;
}

static void put_person(struct json_writer *w, const char *key, const char *name, const char *role)
{
	json_key(w, key);
	json_object_open(w);
	if (name)
		json_field_string(w, "name", slice_of(name));
	if (role) {
		json_key(w, "roles");
		json_array_open(w);
		json_put_string(w, slice_of(role));
		json_array_close(w);
	}
	json_object_close(w);
}

static void put_poll(struct json_writer *w, const char *question)
{
	json_key(w, "poll");
	json_object_open(w);
	json_field_string(w, "question", slice_of(question));
	json_key(w, "options");
	json_array_open(w);
	for (int i = 0; i < 2; i++) {
		json_object_open(w);
		json_field_string(w, "text", i ? SLICE("no") : SLICE("yes"));
		json_object_close(w);
	}
	json_array_close(w);
	json_field_unsigned(w, "duration_ms", 60000);
	json_object_close(w);
}

/* What a kind needs and the command line cannot say is an example. */
static void put_needs(struct json_writer *w, enum envelope_kind kind, const char *text)
{
	static const char *const examples[ENVELOPE_KINDS] = {
		[KIND_MESSAGE] = "hello",       [KIND_EDIT] = "hello",    [KIND_NOTICE] = "hello",
		[KIND_REACTION] = "\U0001F44D", [KIND_PRESENCE] = "AWAY", [KIND_TIMEOUT] = "60s",
	};

	text = text ? text : kind < ENVELOPE_KINDS ? examples[kind] : NULL;
	if (kind == KIND_POLL_START)
		put_poll(w, text ? text : "Is it?");
	else if (text)
		json_field_string(w, "text", slice_of(text));
	if (envelope_acts_on_message(kind))
		json_field_unsigned(w, "target", 1);
	if (kind == KIND_PURGE || tried_is_deed(kind))
		put_person(w, "subject", "somebody else", NULL);
	if (kind == KIND_TIMEOUT)
		json_field_unsigned(w, "duration_ms", 60000);
	if (kind == KIND_POLL_VOTE)
		json_field_unsigned(w, "choice", 0);
	if (kind == KIND_REACTION) {
		json_key(w, "flags");
		json_array_open(w);
		json_put_string(w, SLICE("adding"));
		json_array_close(w);
	}
}

void tried_put_parts(struct json_writer *w, const struct arguments *arguments)
{
	const char *kind = arguments->kind ? arguments->kind : "message";

	json_object_open(w);
	json_field_string(w, "kind", slice_of(kind));
	json_field_string(w, "room", slice_of(arguments->room));
	put_person(w, "author", arguments->from, arguments->role);
	put_needs(w, envelope_kind_find(slice_of(kind)), arguments->text);
	json_key(w, "origin");
	json_object_open(w);
	json_field_string(w, "dialect", slice_of(arguments->dialect));
	json_object_close(w);
	json_object_close(w);
}
