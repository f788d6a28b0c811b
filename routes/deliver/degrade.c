#include "routes/deliver/degrade.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"
#include "codecs/text/name.h"
#include "codecs/text/quote.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define NUMBER_TEXT_MAX 24
#define QUOTES          2 /* bytes around what is quoted */

/* ---- a sentence in the making: what does not fit is cut between two characters ---- */

struct sentence {
	char *data;
	size_t len, capacity;
};

static void say(struct sentence *s, struct slice text)
{
	text = text_clip(text, s->capacity - s->len);
	if (text.len)
		memcpy(s->data + s->len, text.data, text.len);
	s->len += text.len;
}

/* What a person wrote, as one line. */
static void say_line(struct sentence *s, struct slice text)
{
	s->len += quote_line(text_clip(text, s->capacity - s->len), s->data + s->len);
}

static void say_quoted(struct sentence *s, struct slice text)
{
	if (s->capacity - s->len < QUOTES)
		return;
	text = text_clip(text, s->capacity - s->len - QUOTES);
	s->len += quote_text(text, s->data + s->len);
}

static void say_number(struct sentence *s, uint64_t number, struct slice unit)
{
	char digits[NUMBER_TEXT_MAX];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, number);

	say(s, slice_span(digits, (size_t)len));
	say(s, unit);
}

static bool is_nobody(const struct person *person)
{
	return person->name.len == 0;
}

static void say_author(struct sentence *s, const struct envelope *event)
{
	say(s, is_nobody(&event->author) ? SLICE("the server") : event->author.name);
}

static void say_subject(struct sentence *s, const struct envelope *event)
{
	say(s, is_nobody(&event->subject) ? SLICE("somebody") : event->subject.name);
}

/* The end of a passive sentence; when the bridge itself acts there is none. */
static void say_by(struct sentence *s, const struct envelope *event)
{
	if (is_nobody(&event->author))
		return;
	say(s, SLICE(" by "));
	say(s, event->author.name);
}

/* "1m15s" */
static void say_duration(struct sentence *s, uint64_t ms)
{
	static const struct {
		uint64_t ms;
		struct slice unit;
	} units[] = {
		{ 86400000, { "d", 1 } }, { 3600000, { "h", 1 } }, { 60000, { "m", 1 } },
		{ 1000, { "s", 1 } },     { 1, { "ms", 2 } },
	};

	for (size_t i = 0; i < COUNT(units); i++) {
		if (ms < units[i].ms)
			continue;
		say_number(s, ms / units[i].ms, units[i].unit);
		ms %= units[i].ms;
	}
}

/* ---- what each kind says ---- */

/* The phrases follow the author's name; the sentences stand alone. Both return false when there
 * is nothing to say. */

static bool phrase_message(struct sentence *s, const struct envelope *event)
{
	say(s, event->text);
	return event->flags & FLAG_ACTION;
}

static bool phrase_edit(struct sentence *s, const struct envelope *event)
{
	say(s, SLICE("corrected: "));
	say_line(s, event->text);
	return true;
}

static bool phrase_reaction(struct sentence *s, const struct envelope *event)
{
	say(s, event->flags & FLAG_ADDING ? SLICE("reacted ") : SLICE("took back "));
	say_line(s, event->text);
	return true;
}

static bool phrase_clear(struct sentence *s, const struct envelope *event)
{
	(void)event;
	say(s, SLICE("cleared the messages"));
	return true;
}

static bool phrase_enter(struct sentence *s, const struct envelope *event)
{
	(void)event;
	say(s, SLICE("entered"));
	return true;
}

static bool phrase_exit(struct sentence *s, const struct envelope *event)
{
	(void)event;
	say(s, SLICE("left"));
	return true;
}

static bool phrase_invite(struct sentence *s, const struct envelope *event)
{
	say(s, SLICE("invites you to "));
	say(s, event->room);
	return true;
}

static bool phrase_presence(struct sentence *s, const struct envelope *event)
{
	static const struct {
		struct slice status, phrase;
	} words[] = {
		{ { "ONLINE", 6 }, { "is online", 9 } },
		{ { "AWAY", 4 }, { "is away", 7 } },
		{ { "DO_NOT_DISTURB", 14 }, { "is busy", 7 } },
		{ { "OFFLINE", 7 }, { "is offline", 10 } },
	};

	for (size_t i = 0; i < COUNT(words); i++) {
		if (!slice_equal(event->text, words[i].status))
			continue;
		say(s, words[i].phrase);
		return true;
	}
	return false;
}

static bool phrase_poll_start(struct sentence *s, const struct envelope *event)
{
	const struct poll *poll = event->poll;

	if (!poll || event->flags & FLAG_AGAIN)
		return false;
	say(s, SLICE("asks: "));
	say_quoted(s, poll->question);
	for (uint32_t i = 0; i < poll->option_count; i++) {
		say(s, SLICE(" ("));
		say_number(s, i + 1, SLICE(") "));
		say_quoted(s, poll->options[i]);
	}
	return true;
}

static bool sentence_poll_end(struct sentence *s, const struct envelope *event)
{
	const struct poll *poll = event->poll;

	if (!poll)
		return false;
	say(s, SLICE("the poll is over: "));
	say_quoted(s, poll->question);
	for (uint32_t i = 0; i < poll->option_count; i++) {
		say(s, SLICE(" ("));
		say_number(s, i + 1, SLICE(") "));
		say_quoted(s, poll->options[i]);
		say(s, SLICE(": "));
		say_number(s, poll->counts[i], SLICE(""));
	}
	return true;
}

static bool sentence_delete(struct sentence *s, const struct envelope *event)
{
	if (!is_nobody(&event->author) && event->author.number == event->subject.number) {
		say(s, event->author.name);
		say(s, SLICE(" deleted a message"));
		return true;
	}
	say_subject(s, event);
	say(s, SLICE("'s message was deleted"));
	say_by(s, event);
	return true;
}

static bool sentence_purge(struct sentence *s, const struct envelope *event)
{
	say_subject(s, event);
	say(s, SLICE("'s messages were removed"));
	say_by(s, event);
	return true;
}

static bool sentence_kick(struct sentence *s, const struct envelope *event)
{
	say_subject(s, event);
	say(s, event->flags & FLAG_PERMANENT ? SLICE(" was banned") : SLICE(" was kicked"));
	say_by(s, event);
	if (event->text.len) {
		say(s, SLICE(": "));
		say_line(s, event->text);
	}
	return true;
}

static bool sentence_timeout(struct sentence *s, const struct envelope *event)
{
	say_subject(s, event);
	if (event->duration_ms) {
		say(s, SLICE(" was timed out for "));
		say_duration(s, event->duration_ms);
	} else {
		say(s, SLICE("'s timeout was lifted"));
	}
	say_by(s, event);
	return true;
}

static bool sentence_user_update(struct sentence *s, const struct envelope *event)
{
	static const struct {
		uint32_t role;
		const char *name;
	} roles[] = {
		{ ROLE_BANNED, "banned" },         { ROLE_MUTED, "muted" },
		{ ROLE_OWNER, "owner" },           { ROLE_FOUNDER, "founder" },
		{ ROLE_STAFF, "staff" },           { ROLE_MOD, "mod" },
		{ ROLE_EDITOR, "editor" },         { ROLE_PRO, "pro" },
		{ ROLE_SUBSCRIBER, "subscriber" },
	};
	const char *before = " is now ";

	say_subject(s, event);
	for (size_t i = 0; i < COUNT(roles); i++) {
		if (!(event->subject.roles & roles[i].role))
			continue;
		say(s, slice_of(before));
		say(s, slice_of(roles[i].name));
		before = ", ";
	}
	if (before[0] != ',')
		say(s, SLICE(" is now a plain user"));
	return true;
}

static bool sentence_notice(struct sentence *s, const struct envelope *event)
{
	say(s, event->text);
	return true;
}

static const struct telling {
	bool (*phrase)(struct sentence *, const struct envelope *);
	bool (*sentence)(struct sentence *, const struct envelope *);
} tellings[ENVELOPE_KINDS] = {
	[KIND_MESSAGE] = { phrase_message, NULL },
	[KIND_EDIT] = { phrase_edit, NULL },
	[KIND_DELETE] = { NULL, sentence_delete },
	[KIND_CLEAR] = { phrase_clear, NULL },
	[KIND_PURGE] = { NULL, sentence_purge },
	[KIND_REACTION] = { phrase_reaction, NULL },
	[KIND_ENTER] = { phrase_enter, NULL },
	[KIND_EXIT] = { phrase_exit, NULL },
	[KIND_INVITE] = { phrase_invite, NULL },
	[KIND_KICK] = { NULL, sentence_kick },
	[KIND_TIMEOUT] = { NULL, sentence_timeout },
	[KIND_PRESENCE] = { phrase_presence, NULL },
	[KIND_USER_UPDATE] = { NULL, sentence_user_update },
	[KIND_POLL_START] = { phrase_poll_start, NULL },
	[KIND_POLL_END] = { NULL, sentence_poll_end },
	[KIND_NOTICE] = { NULL, sentence_notice },
};

/* ---- the ladder ---- */

static bool tell_notice(struct sentence *s, const struct envelope *event)
{
	const struct telling *telling = &tellings[event->kind];

	if (telling->sentence)
		return telling->sentence(s, event);
	say_author(s, event);
	say(s, SLICE(" "));
	return telling->phrase(s, event);
}

static bool tell_text(struct sentence *s, const struct envelope *event)
{
	bool told;

	if (event->kind == KIND_EDIT ||
	    (event->kind == KIND_MESSAGE && !(event->flags & FLAG_ACTION))) {
		if (event->kind == KIND_EDIT)
			say(s, SLICE("* "));
		say(s, event->text);
		return true;
	}
	say(s, SLICE("*"));
	told = tell_notice(s, event);
	say(s, SLICE("*"));
	return told;
}

static bool tell(struct sentence *s, const struct envelope *event, enum codec_rule rule)
{
	switch (rule) {
	case RULE_TEXT: return tell_text(s, event);
	case RULE_ACTION: return tellings[event->kind].phrase(s, event);
	case RULE_NOTICE: return tell_notice(s, event);
	default: return false;
	}
}

/* Nobody can say something only as the bridge; and what tells of a third person in a whole
 * sentence is no message of the author either. */
static enum codec_rule rule_for(const struct envelope *event, enum codec_rule rule)
{
	bool spoken = rule == RULE_TEXT || rule == RULE_ACTION;

	if (spoken && (is_nobody(&event->author) || !tellings[event->kind].phrase))
		return RULE_NOTICE;
	return rule;
}

static size_t own_text_size(const struct envelope *event)
{
	size_t size = event->text.len;

	if (!event->poll)
		return size;
	size += event->poll->question.len;
	for (uint32_t i = 0; i < event->poll->option_count; i++)
		size += event->poll->options[i].len;
	return size;
}

static void stand_in(const struct envelope *event, enum codec_rule rule, struct slice text,
		     struct envelope *out)
{
	*out = (struct envelope){
		.kind = rule == RULE_NOTICE ? KIND_NOTICE : KIND_MESSAGE,
		.flags = event->flags & (FLAG_PRIVATE | FLAG_DEGRADED),
		.id = event->id,
		.sequence = event->sequence,
		.time_ms = event->time_ms,
		.client_time_ms = event->client_time_ms,
		.room = event->room,
		.thread = event->thread,
		.text = text,
		.correlation = event->correlation,
		.origin = event->origin,
	};
	if (rule == RULE_ACTION)
		out->flags |= FLAG_ACTION;
	if (rule != RULE_NOTICE)
		out->author = event->author;
	if (event->flags & FLAG_PRIVATE)
		out->subject = event->subject;
}

bool degrade_event(const struct envelope *event, enum codec_rule rule, struct degraded *out)
{
	struct sentence s = { NULL, 0, DEGRADED_TEXT_MAX + own_text_size(event) };

	*out = (struct degraded){ .text = NULL };
	if (!tellings[event->kind].phrase && !tellings[event->kind].sentence)
		return false;
	rule = rule_for(event, rule);
	s.data = memory_new(s.capacity);
	if (!tell(&s, event, rule)) {
		free(s.data);
		return false;
	}
	out->text = s.data;
	stand_in(event, rule, slice_span(s.data, s.len), &out->event);
	return true;
}

void degrade_clear(struct degraded *degraded)
{
	free(degraded->text);
	degraded->text = NULL;
}
