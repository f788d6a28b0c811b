#include "routes/deliver/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "codecs/text/memory.h"
#include "codecs/text/name.h"
#include "codecs/text/quote.h"
#include "codecs/text/unicode.h"
#include "codecs/wording.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define NUMBER_TEXT_MAX 24
#define TIME_TEXT_MAX   64
#define QUOTES          2 /* bytes around what is quoted */
#define DAY_MS          UINT64_C(86400000)

/* ---- a sentence in the making: what does not fit is cut between two characters ---- */

struct sentence {
	char *data;
	size_t len, capacity;
	const struct codec_view *room;
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

static void say_number(struct sentence *s, uint64_t number)
{
	char digits[NUMBER_TEXT_MAX];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, number);

	say(s, slice_span(digits, (size_t)len));
}

static void say_duration(struct sentence *s, uint64_t ms)
{
	char text[WORDING_DURATION_MAX];

	say(s, slice_span(text, wording_duration(ms, text)));
}

/* The day only where it is another one. */
static void say_time(struct sentence *s, uint64_t ms, uint64_t now_ms)
{
	char text[TIME_TEXT_MAX];
	time_t seconds = (time_t)(ms / 1000);
	struct tm at;

	if (!gmtime_r(&seconds, &at))
		return;
	say(s, slice_span(text, strftime(text, sizeof(text),
					 ms / DAY_MS == now_ms / DAY_MS ? "%H:%M UTC"
									: "%Y-%m-%d %H:%M UTC",
					 &at)));
}

/* ---- people ---- */

static bool is_nobody(const struct person *person)
{
	return person->name.len == 0;
}

static bool by_subject(const struct envelope *event)
{
	return !is_nobody(&event->author) && event->author.number == event->subject.number;
}

/* Quoted, each: a name may be any words, such as "Bob was banned. Alice". A cleaned name holds no
 * quotation marks. */
static void say_name(struct sentence *s, const struct person *person, struct slice nobody)
{
	if (is_nobody(person))
		say(s, nobody);
	else
		say_quoted(s, person->name);
}

/* Where the person says it: who reads it sees the same name before the text. */
static void say_speaker(struct sentence *s, const struct person *person)
{
	say(s, is_nobody(person) ? SLICE("the server") : person->name);
}

static bool is_bridge(const struct sentence *s, const struct person *person)
{
	return is_nobody(person) || (s->room && person->number == s->room->bridge.number);
}

/* The end of a passive sentence; when the bridge itself acts there is none. */
static void say_by(struct sentence *s, const struct envelope *event)
{
	if (is_bridge(s, &event->author))
		return;
	say(s, SLICE(" by "));
	say_name(s, &event->author, SLICE(""));
}

static void say_reason(struct sentence *s, const struct envelope *event)
{
	if (!event->text.len)
		return;
	say(s, SLICE(": "));
	say_line(s, event->text);
}

/* ---- the message that an event is about ---- */

static void say_when(struct sentence *s, const struct envelope *event)
{
	if (!event->note)
		return;
	say(s, SLICE(" of "));
	say_time(s, event->note->time_ms, event->time_ms);
}

/* "bob's message of 14:03 UTC" */
static void say_target(struct sentence *s, const struct envelope *event)
{
	say_name(s, &event->subject, SLICE("the server"));
	say(s, SLICE("'s message"));
	say_when(s, event);
}

/* Its first words. */
static void say_quote(struct sentence *s, const struct envelope *event)
{
	struct slice quote = event->note ? event->note->quote : (struct slice){ NULL, 0 };
	struct slice shown = unicode_clip(quote, WORDS_QUOTE_MAX);
	char text[WORDS_QUOTE_MAX + sizeof("...")];

	if (!quote.len)
		return;
	memcpy(text, shown.data, shown.len);
	if (shown.len < quote.len) {
		memcpy(text + shown.len, "...", 3);
		shown.len += 3;
	}
	say(s, SLICE(": "));
	say_quoted(s, slice_span(text, shown.len));
}

/* ---- what each kind says ---- */

/* All return false when there is nothing to say. */

static bool say_own_text(struct sentence *s, const struct envelope *event)
{
	say(s, event->text);
	return true;
}

static bool action_message(struct sentence *s, const struct envelope *event)
{
	return event->flags & FLAG_ACTION && say_own_text(s, event);
}

static bool text_message(struct sentence *s, const struct envelope *event)
{
	if (!(event->flags & FLAG_ACTION))
		return say_own_text(s, event);
	say(s, SLICE("*"));
	say_speaker(s, &event->author);
	say(s, SLICE(" "));
	say(s, event->text);
	say(s, SLICE("*"));
	return true;
}

/* Bots do not take it for what was said first. */
static bool text_edit(struct sentence *s, const struct envelope *event)
{
	say(s, SLICE("* "));
	return say_own_text(s, event);
}

static void say_new_text(struct sentence *s, const struct envelope *event)
{
	struct slice name = event->subject.name;
	char *action;

	if (!(event->flags & FLAG_ACTION)) {
		say_quoted(s, event->text);
		return;
	}
	action = memory_new(name.len + event->text.len + 3);
	action[0] = '*';
	memcpy(action + 1, name.data ? name.data : "", name.len);
	action[1 + name.len] = ' ';
	memcpy(action + 2 + name.len, event->text.data ? event->text.data : "", event->text.len);
	action[2 + name.len + event->text.len] = '*';
	say_quoted(s, slice_span(action, name.len + event->text.len + 3));
	free(action);
}

static bool notice_edit(struct sentence *s, const struct envelope *event)
{
	if (by_subject(event)) {
		say_name(s, &event->author, SLICE(""));
		say(s, SLICE(" changed the message"));
		say_when(s, event);
	} else {
		say_target(s, event);
		say(s, SLICE(" was changed"));
		say_by(s, event);
	}
	say(s, SLICE(" to "));
	say_new_text(s, event);
	return true;
}

static bool action_reaction(struct sentence *s, const struct envelope *event)
{
	bool adding = event->flags & FLAG_ADDING;

	say(s, adding ? SLICE("reacted ") : SLICE("took back "));
	say_line(s, event->text);
	if (!event->note)
		return true;
	say(s, adding ? SLICE(" to ") : SLICE(" from "));
	say_target(s, event);
	say_quote(s, event);
	return true;
}

static bool notice_delete(struct sentence *s, const struct envelope *event)
{
	if (by_subject(event)) {
		say_name(s, &event->author, SLICE(""));
		say(s, SLICE(" deleted a message"));
		say_when(s, event);
		return true;
	}
	say_target(s, event);
	say(s, SLICE(" was deleted"));
	say_by(s, event);
	return true;
}

static bool action_clear(struct sentence *s, const struct envelope *event)
{
	if (event->flags & FLAG_AGAIN)
		return false;
	say(s, SLICE("cleared the messages"));
	return true;
}

static bool notice_purge(struct sentence *s, const struct envelope *event)
{
	if (event->flags & FLAG_AGAIN)
		return false;
	say_name(s, &event->subject, SLICE("somebody"));
	say(s, SLICE("'s messages were removed"));
	say_by(s, event);
	return true;
}

static bool action_enter(struct sentence *s, const struct envelope *event)
{
	(void)event;
	say(s, SLICE("entered"));
	return true;
}

static bool action_exit(struct sentence *s, const struct envelope *event)
{
	(void)event;
	say(s, SLICE("left"));
	return true;
}

/* Where rooms have numbers, people need that one to go there. */
static bool action_invite(struct sentence *s, const struct envelope *event)
{
	say(s, SLICE("invites you to "));
	say_quoted(s, event->room);
	if (!s->room || !s->room->room_number)
		return true;
	say(s, SLICE(" (channel "));
	say_number(s, s->room->room_number);
	say(s, SLICE(")"));
	return true;
}

static void say_kicked(struct sentence *s, const struct envelope *event)
{
	say(s, event->flags & FLAG_PERMANENT ? SLICE(" banned") : SLICE(" kicked"));
	say_by(s, event);
	say_reason(s, event);
}

static bool notice_kick(struct sentence *s, const struct envelope *event)
{
	say_name(s, &event->subject, SLICE("somebody"));
	say(s, SLICE(" was"));
	say_kicked(s, event);
	return true;
}

static bool subject_kick(struct sentence *s, const struct envelope *event)
{
	say(s, SLICE("You were"));
	say_kicked(s, event);
	return true;
}

static void say_timeout(struct sentence *s, const struct envelope *event)
{
	if (event->duration_ms) {
		say(s, SLICE(" timed out for "));
		say_duration(s, event->duration_ms);
	} else {
		say(s, SLICE(" timeout was lifted"));
	}
	say_by(s, event);
	say_reason(s, event);
}

static bool notice_timeout(struct sentence *s, const struct envelope *event)
{
	say_name(s, &event->subject, SLICE("somebody"));
	say(s, event->duration_ms ? SLICE(" was") : SLICE("'s"));
	say_timeout(s, event);
	return true;
}

static bool subject_timeout(struct sentence *s, const struct envelope *event)
{
	say(s, event->duration_ms ? SLICE("You were") : SLICE("Your"));
	say_timeout(s, event);
	return true;
}

static bool action_presence(struct sentence *s, const struct envelope *event)
{
	static const struct {
		struct slice status, words;
	} rows[] = {
		{ { "ONLINE", 6 }, { "is online", 9 } },
		{ { "AWAY", 4 }, { "is away", 7 } },
		{ { "DO_NOT_DISTURB", 14 }, { "is busy", 7 } },
		{ { "OFFLINE", 7 }, { "is offline", 10 } },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		if (!slice_equal(event->text, rows[i].status))
			continue;
		say(s, rows[i].words);
		return true;
	}
	return false;
}

static bool notice_user_update(struct sentence *s, const struct envelope *event)
{
	static const uint32_t roles[] = { ROLE_BANNED,  ROLE_MUTED, ROLE_OWNER,
					  ROLE_FOUNDER, ROLE_STAFF, ROLE_MOD,
					  ROLE_EDITOR,  ROLE_PRO,   ROLE_SUBSCRIBER };
	const char *before = " is now ";

	say_name(s, &event->subject, SLICE("somebody"));
	for (size_t i = 0; i < COUNT(roles); i++) {
		if (!(event->subject.roles & roles[i]))
			continue;
		say(s, slice_of(before));
		say(s, slice_of(person_role_name(roles[i])));
		before = ", ";
	}
	if (before[0] != ',')
		say(s, SLICE(" is now a plain user"));
	return true;
}

/* ---- polls ---- */

static void say_option(struct sentence *s, const struct poll *poll, uint32_t i)
{
	say(s, SLICE(" ("));
	say_number(s, i + 1);
	say(s, SLICE(") "));
	say_quoted(s, poll->options[i]);
}

static bool action_poll_start(struct sentence *s, const struct envelope *event)
{
	const struct poll *poll = event->poll;

	if (!poll || event->flags & FLAG_AGAIN)
		return false;
	say(s, SLICE("asks: "));
	say_quoted(s, poll->question);
	for (uint32_t i = 0; i < poll->option_count; i++)
		say_option(s, poll, i);
	return true;
}

static bool notice_poll_end(struct sentence *s, const struct envelope *event)
{
	const struct poll *poll = event->poll;

	if (!poll)
		return false;
	say(s, SLICE("the poll "));
	say_quoted(s, poll->question);
	say(s, SLICE(" is over:"));
	for (uint32_t i = 0; i < poll->option_count; i++) {
		say_option(s, poll, i);
		say(s, SLICE(": "));
		say_number(s, poll->counts[i]);
	}
	return true;
}

/* ---- all of them ---- */

typedef bool say_function(struct sentence *, const struct envelope *);

/* A notice is a sentence of its own, or else the author's name and the action. A text is one of its
 * own, or else the same between asterisks. */
static const struct telling {
	say_function *action, *notice, *subject, *text;
} tellings[ENVELOPE_KINDS] = {
	/* clang-format off */
	/*                     action             notice              subject          text */
	[KIND_MESSAGE]     = { action_message,    NULL,               NULL,            text_message },
	[KIND_EDIT]        = { NULL,              notice_edit,        NULL,            text_edit },
	[KIND_DELETE]      = { NULL,              notice_delete,      NULL,            NULL },
	[KIND_CLEAR]       = { action_clear,      NULL,               NULL,            NULL },
	[KIND_PURGE]       = { NULL,              notice_purge,       NULL,            NULL },
	[KIND_REACTION]    = { action_reaction,   NULL,               NULL,            NULL },
	[KIND_ENTER]       = { action_enter,      NULL,               NULL,            NULL },
	[KIND_EXIT]        = { action_exit,       NULL,               NULL,            NULL },
	[KIND_INVITE]      = { action_invite,     NULL,               NULL,            NULL },
	[KIND_KICK]        = { NULL,              notice_kick,        subject_kick,    NULL },
	[KIND_TIMEOUT]     = { NULL,              notice_timeout,     subject_timeout, NULL },
	[KIND_PRESENCE]    = { action_presence,   NULL,               NULL,            NULL },
	[KIND_USER_UPDATE] = { NULL,              notice_user_update, NULL,            NULL },
	[KIND_POLL_START]  = { action_poll_start, NULL,               NULL,            NULL },
	[KIND_POLL_END]    = { NULL,              notice_poll_end,    NULL,            NULL },
	[KIND_NOTICE]      = { NULL,              say_own_text,       NULL,            NULL },
	/* clang-format on */
};

bool words_exist(enum envelope_kind kind, enum words words)
{
	const struct telling *telling = &tellings[kind];

	switch (words) {
	case WORDS_NOTICE: return telling->notice || telling->action;
	case WORDS_SUBJECT: return telling->subject;
	case WORDS_ACTION: return telling->action;
	case WORDS_TEXT: return telling->text || telling->action;
	}
	return false;
}

static bool tell_notice(struct sentence *s, const struct envelope *event)
{
	const struct telling *telling = &tellings[event->kind];

	if (telling->notice)
		return telling->notice(s, event);
	say_name(s, &event->author, SLICE("the server"));
	say(s, SLICE(" "));
	return event->kind == KIND_MESSAGE ? say_own_text(s, event) : telling->action(s, event);
}

static bool tell_text(struct sentence *s, const struct envelope *event)
{
	const struct telling *telling = &tellings[event->kind];
	bool told;

	if (telling->text)
		return telling->text(s, event);
	say(s, SLICE("*"));
	say_speaker(s, &event->author);
	say(s, SLICE(" "));
	told = telling->action(s, event);
	say(s, SLICE("*"));
	return told;
}

static bool tell(struct sentence *s, const struct envelope *event, enum words words)
{
	switch (words) {
	case WORDS_NOTICE: return tell_notice(s, event);
	case WORDS_SUBJECT: return tellings[event->kind].subject(s, event);
	case WORDS_ACTION: return tellings[event->kind].action(s, event);
	case WORDS_TEXT: return tell_text(s, event);
	}
	return false;
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

bool words_make(const struct envelope *event, enum words words, const struct codec_view *room,
		struct slice *text)
{
	struct sentence s = { .capacity = WORDS_MAX + own_text_size(event), .room = room };

	*text = (struct slice){ NULL, 0 };
	if (!words_exist(event->kind, words))
		return false;
	s.data = memory_new(s.capacity);
	if (!tell(&s, event, words)) {
		free(s.data);
		return false;
	}
	*text = slice_span(s.data, s.len);
	return true;
}
