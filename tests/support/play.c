#include "tests/support/play.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "codecs/text/memory.h"
#include "tests/support/pattern.h"
#include "tests/support/play_instances.h"

#define SHOWN_MAX 1500 /* bytes of a frame in an error message */

static const char usual_config[] =
    "limits: { messages_per_second = 0; ping_seconds = 3600; idle_seconds = 7200; };\n";

_Noreturn void play_fail(struct play *play, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(play->why, sizeof(play->why), format, args);
	va_end(args);
	longjmp(play->out, 1);
}

int play_shown(struct slice text)
{
	return (int)(text.len < SHOWN_MAX ? text.len : SHOWN_MAX);
}

/* ---- the stage ---- */

char *play_config(const struct play *play, const char *text)
{
	const char *found;
	char *out = memory_text("", 0);
	size_t len = 0;

	while ((found = strstr(text, "@files"))) {
		size_t before = (size_t)(found - text);

		out = memory_resize(out, len + before + sizeof(play->folder));
		memcpy(out + len, text, before);
		len += before;
		len += (size_t)sprintf(out + len, "%s", play->folder);
		text = found + strlen("@files");
	}
	out = memory_resize(out, len + strlen(text) + 1);
	strcpy(out + len, text);
	return out;
}

struct stage *play_stage(struct play *play)
{
	char *config;

	if (play->stage)
		return play->stage;
	config = play_config(play, play->config ? play->config : usual_config);
	play->stage = stage_new(config, play->workers, play->start_ms);
	free(config);
	if (!play->stage)
		play_fail(play, "the configuration is refused");
	cast_init(&play->cast, play->stage);
	return play->stage;
}

static void check_fault(struct play *play)
{
	if (play->stage && play->stage->fault[0])
		play_fail(play, "%s", play->stage->fault);
}

/* Before anything new happens, all that was sent must have been looked at. */
void play_check_read(struct play *play)
{
	check_fault(play);
	if (!play->stage || play->repeating)
		return;
	play_instances_read(play);
	for (struct stage_client *c = play->stage->clients; c; c = c->next) {
		struct stage_frame *frame = stage_next(c);

		if (frame && !c->ignored)
			play_fail(play, "expected nothing more for %s, got %.*s", c->name,
				  play_shown(slice_span(frame->text, frame->len)), frame->text);
		if (c->ended && !c->refusal.data && !c->end_seen && !c->ignored)
			play_fail(play, "expected %s to stay, but the server closed with %u",
				  c->name, c->close_code);
	}
}

void play_skip_everything(struct play *play)
{
	for (struct stage_client *c = play_stage(play)->clients; c; c = c->next)
		stage_drop_all(c);
	play_instances_skip(play);
}

/* Replaces the names in what is sent. Borrows until the next call. */
struct slice play_fill(struct play *play, struct slice text)
{
	unsigned unknown = 0;
	size_t len;

	play_stage(play);
	play->cast.at_ms = play->stage->now_ms;
	free(play->filled);
	play->filled = pattern_fill(text, &play->cast.names, &len, &unknown);
	if (unknown)
		play_fail(play, "a name in this stands for nothing: %.*s", play_shown(text),
			  text.data);
	return slice_span(play->filled, len);
}

/* A word as a C string. Borrows until the next call for the same buffer. */
const char *play_text(struct slice word, char *buffer, size_t size)
{
	snprintf(buffer, size, "%.*s", (int)word.len, word.data ? word.data : "");
	return buffer;
}
