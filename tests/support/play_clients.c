#include <stdio.h>
#include <stdlib.h>

#include "codecs/text/memory.h"
#include "tests/support/actors.h"
#include "tests/support/pattern.h"
#include "tests/support/play.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define GROUP_MAX    64

/* ---- what clients do and hear ---- */

static void expect_frame(struct play *play, struct stage_client *client, struct slice pattern,
			 bool alike)
{
	struct stage_frame *frame = stage_next(client);
	struct slice text;
	size_t len;
	bool same;

	if (slice_is(pattern, "nothing") && !frame)
		return;
	play->cast.at_ms = frame ? frame->at_ms : play->stage->now_ms;
	text = frame ? slice_span(frame->text, frame->len) : SLICE("nothing");
	same = frame && (alike ? pattern_alike : pattern_same)(pattern, text, &play->cast.names);
	if (!same) {
		free(play->filled);
		play->filled = pattern_fill(pattern, &play->cast.names, &len, NULL);
		play_fail(play, "%s: expected\n  %.*s\ngot\n  %.*s", client->name,
			  play_shown(slice_span(play->filled, len)), play->filled, play_shown(text),
			  text.data);
	}
	stage_drop(client);
}

static void do_exactly(struct play *play, struct stage_client *client, struct slice rest)
{
	expect_frame(play, client, rest, false);
}

static void do_alike(struct play *play, struct stage_client *client, struct slice rest)
{
	expect_frame(play, client, rest, true);
}

/* One of the frames not looked at is like it, whichever came first: of what comes from several
 * rooms, whose owners may be on different workers. */
static void do_has(struct play *play, struct stage_client *client, struct slice rest)
{
	struct stage_frame **link = &client->inbox;

	for (; *link; link = &(*link)->next) {
		struct stage_frame *frame = *link;

		play->cast.at_ms = frame->at_ms;
		if (!pattern_alike(rest, slice_span(frame->text, frame->len), &play->cast.names))
			continue;
		inbox_drop(link, &client->inbox_end);
		return;
	}
	play_fail(play, "%s: expected among others\n  %.*s", client->name, play_shown(rest),
		  rest.data);
}

static void need_session(struct play *play, const struct stage_client *client)
{
	if (!client->session)
		play_fail(play, "%s is gone already", client->name);
}

static void do_say(struct play *play, struct stage_client *client, struct slice rest)
{
	play_check_read(play);
	need_session(play, client);
	stage_say(client, play_fill(play, rest), false);
}

static void do_say_binary(struct play *play, struct stage_client *client, struct slice rest)
{
	play_check_read(play);
	need_session(play, client);
	stage_say(client, play_fill(play, rest), true);
}

/* Raw bytes as pairs of hexadecimal digits, blanks between them. */
static void say_bytes(struct play *play, struct stage_client *client, struct slice rest,
		      bool binary)
{
	char *bytes = memory_new(rest.len + 1);
	size_t len = 0;
	struct slice word;

	play_check_read(play);
	need_session(play, client);
	while ((word = script_word(&rest)).len)
		bytes[len++] = (char)strtoul(word.data, NULL, 16);
	stage_say(client, slice_span(bytes, len), binary);
	free(bytes);
}

static void do_say_bytes(struct play *play, struct stage_client *client, struct slice rest)
{
	say_bytes(play, client, rest, false);
}

static void do_say_blob(struct play *play, struct stage_client *client, struct slice rest)
{
	say_bytes(play, client, rest, true);
}

/* says TEXT as m1: everybody is told, and m1 is its id. */
static void do_says(struct play *play, struct stage_client *client, struct slice rest)
{
	const char *mark = memmem(rest.data, rest.len, " as m", 5);
	char name[32], *text;
	uint64_t id;

	play_check_read(play);
	need_session(play, client);
	text = memory_text(rest.data, mark ? (size_t)(mark - rest.data) : rest.len);
	actor_says(client, text);
	free(text);
	if (mark)
		play_text(slice_span(mark + 4, rest.len - (size_t)(mark + 4 - rest.data)), name,
			  sizeof(name));
	for (struct stage_client *c = play->stage->clients; mark && c; c = c->next) {
		char *pattern = actor_message_pattern(c->dialect, name);

		for (struct stage_frame *f = c->inbox; pattern && f; f = f->next)
			if (pattern_alike(slice_of(pattern), slice_span(f->text, f->len),
					  &play->cast.names))
				break;
		free(pattern);
	}
	if (mark && !cast_id(&play->cast, slice_of(name), &id))
		play_fail(play, "nobody was told an id of this message");
	play_skip_everything(play);
}

static void do_closed(struct play *play, struct stage_client *client, struct slice rest)
{
	unsigned code = (unsigned)strtoul(rest.len ? rest.data : "0", NULL, 10);

	if (!client->ended || client->killed || client->close_code != code)
		play_fail(play, "expected %s to be closed with %u, but %s (%u)", client->name, code,
			  client->killed  ? "it was killed"
			  : client->ended ? "it was closed otherwise"
					  : "it is still open",
			  client->close_code);
	if (stage_next(client))
		play_fail(play, "%s was closed, but before that it got %s", client->name,
			  stage_next(client)->text);
	client->end_seen = true;
}

/* refused 403 WORDS: its handshake waited, and was refused with that status, and these words. */
static void do_refused(struct play *play, struct stage_client *client, struct slice rest)
{
	struct slice status = script_word(&rest), got = client->refusal;

	if (!got.data)
		play_fail(play, "expected %s to be refused, but it is not", client->name);
	if (got.len < 12 || memcmp(got.data + 9, status.data, status.len) != 0 ||
	    (rest.len > 0 && !memmem(got.data, got.len, rest.data, rest.len)))
		play_fail(play, "expected %s to be refused with %.*s %.*s, but got %.*s",
			  client->name, play_shown(status), status.data, play_shown(rest),
			  rest.len > 0 ? rest.data : "", play_shown(got), got.data);
	client->end_seen = true;
}

static void do_killed(struct play *play, struct stage_client *client, struct slice rest)
{
	(void)rest;
	if (!client->killed)
		play_fail(play, "expected the connection of %s to be cut off", client->name);
	client->end_seen = true;
}

static void do_leaves(struct play *play, struct stage_client *client, struct slice rest)
{
	(void)rest;
	play_check_read(play);
	need_session(play, client);
	stage_leave(client);
}

static void do_stalls(struct play *play, struct stage_client *client, struct slice rest)
{
	(void)play;
	(void)rest;
	client->stalled = true;
}

static void do_resumes(struct play *play, struct stage_client *client, struct slice rest)
{
	(void)rest;
	play_check_read(play);
	stage_resume(client);
}

static void do_silent(struct play *play, struct stage_client *client, struct slice rest)
{
	(void)play;
	(void)rest;
	client->silent = true;
}

static void do_pinged(struct play *play, struct stage_client *client, struct slice rest)
{
	unsigned times = rest.len ? (unsigned)strtoul(rest.data, NULL, 10) : 1;

	if (client->pings != times)
		play_fail(play, "expected %u WebSocket pings for %s, got %u", times, client->name,
			  client->pings);
	client->pings = 0;
}

static void do_paused(struct play *play, struct stage_client *client, struct slice rest)
{
	bool yes = !slice_is(rest, "no");

	if (client->paused != yes)
		play_fail(play, "expected reading from %s to be %s", client->name,
			  yes ? "paused" : "going on");
}

static void do_ignored(struct play *play, struct stage_client *client, struct slice rest)
{
	(void)play;
	(void)rest;
	client->ignored = true;
}

static void do_skip(struct play *play, struct stage_client *client, struct slice rest)
{
	(void)rest;
	if (!stage_next(client))
		play_fail(play, "there is nothing to skip for %s", client->name);
	stage_drop_all(client);
}

static const struct client_verb {
	const char *word;
	void (*act)(struct play *, struct stage_client *, struct slice rest);
} client_verbs[] = {
	{ "<", do_exactly },       { "~", do_alike },         { ">", do_say },
	{ ">>", do_say_binary },   { "bytes", do_say_bytes }, { "blob", do_say_blob },
	{ "says", do_says },       { "closed", do_closed },   { "refused", do_refused },
	{ "killed", do_killed },   { "leaves", do_leaves },   { "stalls", do_stalls },
	{ "resumes", do_resumes }, { "silent", do_silent },   { "pinged", do_pinged },
	{ "paused", do_paused },   { "ignored", do_ignored }, { "skips", do_skip },
	{ "has", do_has },
};

/* ---- statements about clients: NAME[, NAME]... VERB REST ---- */

struct group {
	struct stage_client *clients[GROUP_MAX];
	size_t count;
};

static void group_add(struct play *play, struct group *group, struct slice name)
{
	char text[STAGE_NAME_MAX];
	struct stage_client *client =
	    stage_find(play_stage(play), play_text(name, text, sizeof(text)));

	if (!client)
		play_fail(play, "there is no client %s", text);
	if (group->count < GROUP_MAX)
		group->clients[group->count++] = client;
}

static void group_names(struct play *play, struct group *group, struct slice word,
			struct slice *rest)
{
	while (word.len && word.data[word.len - 1] == ',') {
		word.len--;
		group_add(play, group, word);
		word = script_word(rest);
	}
	group_add(play, group, word);
}

static bool group_has(const struct group *group, const struct stage_client *client)
{
	for (size_t i = 0; i < group->count; i++)
		if (group->clients[i] == client)
			return true;
	return false;
}

/* all, all but NAMES, or NAMES */
static void group_read(struct play *play, struct group *group, struct slice word,
		       struct slice *rest)
{
	struct group but = { .count = 0 };
	struct slice ahead = *rest;

	if (!slice_is(word, "all")) {
		group_names(play, group, word, rest);
		return;
	}
	if (slice_is(script_word(&ahead), "but")) {
		*rest = ahead;
		group_names(play, &but, script_word(rest), rest);
	}
	for (struct stage_client *c = play_stage(play)->clients; c; c = c->next)
		if (c->session && !c->ignored && !group_has(&but, c) && group->count < GROUP_MAX)
			group->clients[group->count++] = c;
}

void play_clients(struct play *play, struct slice word, struct slice rest)
{
	struct group group = { .count = 0 };
	struct slice verb;

	group_read(play, &group, word, &rest);
	verb = script_word(&rest);
	for (size_t v = 0; v < COUNT(client_verbs); v++) {
		if (!slice_is(verb, client_verbs[v].word))
			continue;
		for (size_t i = 0; i < group.count; i++)
			client_verbs[v].act(play, group.clients[i], rest);
		return;
	}
	play_fail(play, "not understood: %.*s", (int)verb.len, verb.data ? verb.data : "");
}
