#include "tests/support/play_instances.h"

#include <stdlib.h>

#include "tests/support/lines.h"
#include "tests/support/pattern.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

void play_instance(struct play *play, struct slice rest)
{
	struct slice name = script_word(&rest);
	char text[LINE_NAME_MAX];

	if (!slice_is(script_word(&rest), "of"))
		play_fail(play, "instance NAME of BACKEND");
	if (!stage_instance_new(play_stage(play), play_text(name, text, sizeof(text)),
				script_word(&rest)))
		play_fail(play, "there is no such backend or tap");
}

/* Cuts what stands before the next " | ". */
static struct slice cut_frame(struct slice *text)
{
	const char *mark = text->len ? memmem(text->data, text->len, " | ", 3) : NULL;
	struct slice frame = *text;

	if (!mark) {
		*text = (struct slice){ NULL, 0 };
		return frame;
	}
	frame.len = (size_t)(mark - text->data);
	*text = slice_span(mark + 3, text->len - frame.len - 3);
	return frame;
}

/* The first frame is a word; the others are JSON. */
static bool frames_alike(struct play *play, struct slice pattern, struct slice text)
{
	if (!slice_equal(cut_frame(&pattern), cut_frame(&text)))
		return false;
	while (pattern.data && text.data)
		if (!pattern_alike(cut_frame(&pattern), cut_frame(&text), &play->cast.names))
			return false;
	return !pattern.data && !text.data;
}

static void expect(struct play *play, struct stage_instance *instance, struct slice pattern,
		   bool alike)
{
	struct stage_frame *frame = instance->inbox;
	struct slice text = frame ? slice_span(frame->text, frame->len) : SLICE("nothing");
	bool same;

	if (slice_is(pattern, "nothing") && !frame)
		return;
	play->cast.at_ms = frame ? frame->at_ms : play->stage->now_ms;
	same = frame && (alike ? frames_alike(play, pattern, text)
			       : pattern_same(pattern, text, &play->cast.names));
	if (!same)
		play_fail(play, "%s: expected\n  %.*s\ngot\n  %.*s", instance->name,
			  play_shown(pattern), pattern.data, play_shown(text), text.data);
	stage_instance_drop(instance);
}

static void do_exactly(struct play *play, struct stage_instance *instance, struct slice rest)
{
	expect(play, instance, rest, false);
}

static void do_alike(struct play *play, struct stage_instance *instance, struct slice rest)
{
	expect(play, instance, rest, true);
}

/* Among what was not looked at, whichever came first. */
static void do_has(struct play *play, struct stage_instance *instance, struct slice rest)
{
	struct stage_frame **link = &instance->inbox;

	for (; *link; link = &(*link)->next) {
		struct stage_frame *frame = *link;

		play->cast.at_ms = frame->at_ms;
		if (!frames_alike(play, rest, slice_span(frame->text, frame->len)))
			continue;
		inbox_drop(link, &instance->inbox_end);
		return;
	}
	play_fail(play, "%s: expected among others\n  %.*s", instance->name, play_shown(rest),
		  rest.data);
}

static void do_say(struct play *play, struct stage_instance *instance, struct slice rest)
{
	play_check_read(play);
	stage_instance_say(play->stage, instance, play_fill(play, rest), false);
}

static void do_say_raw(struct play *play, struct stage_instance *instance, struct slice rest)
{
	play_check_read(play);
	stage_instance_say(play->stage, instance, play_fill(play, rest), true);
}

static void do_dies(struct play *play, struct stage_instance *instance, struct slice rest)
{
	(void)play;
	(void)rest;
	instance->dead = true;
}

static void do_silent(struct play *play, struct stage_instance *instance, struct slice rest)
{
	(void)play;
	instance->silent = !slice_is(rest, "no");
}

static void do_blocks(struct play *play, struct stage_instance *instance, struct slice rest)
{
	(void)play;
	instance->blocked = !slice_is(rest, "no");
}

static void do_beaten(struct play *play, struct stage_instance *instance, struct slice rest)
{
	(void)rest;
	if (!instance->beats)
		play_fail(play, "%s got no heartbeat", instance->name);
	instance->beats = 0;
}

static void do_skip(struct play *play, struct stage_instance *instance, struct slice rest)
{
	(void)rest;
	if (!instance->inbox)
		play_fail(play, "there is nothing to skip for %s", instance->name);
	while (instance->inbox)
		stage_instance_drop(instance);
}

static const struct {
	const char *word;
	void (*act)(struct play *, struct stage_instance *, struct slice rest);
} verbs[] = {
	{ "<", do_exactly },     { "~", do_alike },    { ">", do_say },
	{ ">>", do_say_raw },    { "dies", do_dies },  { "blocks", do_blocks },
	{ "beaten", do_beaten }, { "skips", do_skip }, { "silent", do_silent },
	{ "has", do_has },
};

bool play_instances(struct play *play, struct slice name, struct slice rest)
{
	struct stage_instance *instance =
	    play->stage ? stage_instance_find(play->stage, name) : NULL;
	struct slice verb = script_word(&rest);

	if (!instance)
		return false;
	for (size_t v = 0; v < COUNT(verbs); v++) {
		if (!slice_is(verb, verbs[v].word))
			continue;
		verbs[v].act(play, instance, rest);
		return true;
	}
	play_fail(play, "not understood: %.*s", (int)verb.len, verb.data ? verb.data : "");
}

void play_instances_read(struct play *play)
{
	for (struct stage_instance *i = stage_instances(play->stage); i; i = i->next)
		if (i->inbox)
			play_fail(play, "expected nothing more for %s, got %.*s", i->name,
				  play_shown(slice_span(i->inbox->text, i->inbox->len)),
				  i->inbox->text);
}

void play_instances_skip(struct play *play)
{
	for (struct stage_instance *i = stage_instances(play->stage); i; i = i->next)
		while (i->inbox)
			stage_instance_drop(i);
}
