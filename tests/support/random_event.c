#include "tests/support/random_event.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW          UINT64_C(1795289388027)
#define HAS(field)   (fields & UINT64_C(1) << FIELD_##field)
#define TEXT_MOST    280 /* bytes: a mixer server takes it, with parts behind it */
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static uint64_t below(uint64_t *seed, uint64_t most)
{
	return random_next(seed) % most;
}

/* ---- texts ---- */

static const char *const pieces[] = {
	"a",
	"hello",
	" ",
	"Z",
	"0",
	"!",
	"*",
	"/",
	"\\",
	"\"",
	"'",
	"<b>",
	"&amp;",
	"{\"a\":1}",
	"\\u0041",
	"\n",
	"\t",
	"\r",
	"\x01",
	"\x7f",
	"\xc3\xa9",                                     /* e acute */
	"e\xcc\x81",                                    /* the same of two */
	"\xc3\x9f",                                     /* sharp s */
	"\xe6\x97\xa5\xe6\x9c\xac",                     /* two ideographs */
	"\xd7\xa9",                                     /* from right to left */
	"\xe2\x80\xa8",                                 /* a line separator */
	"\xef\xbb\xbf",                                 /* a byte order mark */
	"\xef\xbf\xbd",                                 /* what stands for what is wrong */
	"\xf0\x9f\x98\x82",                             /* beyond 16 bits */
	"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80", /* joined */
	"\xf4\x8f\xbf\xbf",                             /* the last there is */
	"@everyone",
	" \xf0\x9f\x99\x82 ", /* what an emoticon says, too */
	"https://chat.example/?a=1&b=%20",
};

/* At most so many pieces, at least one that is no blank. May hold a NUL byte. */
static struct slice random_text(char *out, size_t size, unsigned most, uint64_t *seed)
{
	unsigned count = 1 + (unsigned)below(seed, most);
	size_t len = 0;

	out[len++] = (char)('a' + below(seed, 26));
	while (count-- > 0) {
		const char *piece = pieces[below(seed, COUNT(pieces))];
		size_t more = strlen(piece);

		if (len + more + 1 > size)
			break;
		memcpy(out + len, piece, more);
		len += more;
		if (below(seed, 64) == 0 && len + 1 < size)
			out[len++] = '\0';
	}
	return slice_span(out, len);
}

static struct slice random_name(char *out, size_t size, uint64_t *seed)
{
	static const char *const syllables[] = { "an",           "Bo", "ce", "\xc3\xa9", "\xd0\x96",
						 "\xe6\x97\xa5", "_x", "-y", "7" };
	int len = snprintf(out, size, "%s%s%s%" PRIu64, syllables[below(seed, COUNT(syllables))],
			   syllables[below(seed, COUNT(syllables))],
			   syllables[below(seed, COUNT(syllables))], below(seed, 100000));

	return slice_span(out, (size_t)len);
}

static struct slice random_emoji(char *out, size_t size, uint64_t *seed)
{
	static const char *const emoji[] = {
		"\xf0\x9f\x98\x82", "\xe2\x9c\x94\xef\xb8\x8f", "+1", "\xe2\x9d\xa4", "x\"y", "a\\b"
	};

	return slice_span(out, (size_t)snprintf(out, size, "%s", emoji[below(seed, COUNT(emoji))]));
}

/* ---- people ---- */

void random_cast(struct cast_person cast[CAST_SIZE], const struct id_key *ids, uint64_t *seed)
{
	for (size_t i = 0; i < CAST_SIZE; i++) {
		struct cast_person *one = &cast[i];

		one->person.name = random_name(one->name, sizeof(one->name), seed);
		one->person.number = (uint32_t)(1000 * (i + 1) + below(seed, 1000));
		one->person.roles = ROLE_USER | (i == 1 ? ROLE_MOD : i == 2 ? ROLE_SUBSCRIBER : 0);
		identity_uuid(ids, ID_PERSON, one->person.number, 0, one->person.uuid);
	}
}

static struct person other_person(const struct cast_person *cast, const struct person *than,
				  uint64_t *seed)
{
	struct person person;

	do
		person = cast[below(seed, CAST_SIZE)].person;
	while (than && person.number == than->number);
	return person;
}

static void change_id(const struct cast_person *cast, struct person *person, uint64_t *seed)
{
	struct person other = other_person(cast, person, seed);

	person->number = other.number;
	memcpy(person->uuid, other.uuid, sizeof(person->uuid));
}

static uint32_t other_roles(uint32_t than, uint64_t *seed)
{
	uint32_t roles;

	do
		roles = ROLE_USER | (uint32_t)(1u << (1 + below(seed, 7)));
	while (roles == than);
	return roles;
}

/* ---- parts ---- */

static struct part part_of(enum part_kind kind, char *name, size_t size, uint64_t *seed)
{
	static const char *const codes[] = { ":)", ":D", ":-)", ":pizza", ":mappa" };
	struct part part = { .kind = kind };
	uint64_t some = below(seed, 1000000);

	switch (kind) {
	case PART_EMOTE:
		part.text = slice_of(codes[below(seed, COUNT(codes))]);
		part.x = (uint16_t)below(seed, 400);
		part.y = (uint16_t)below(seed, 400);
		break;
	case PART_LINK:
		part.text = SLICE("see.example");
		part.name = slice_span(
		    name, (size_t)snprintf(name, size, "https://see.example/%" PRIu64, some));
		break;
	case PART_IMAGE:
		part.text = SLICE("img.example");
		part.name = slice_span(
		    name, (size_t)snprintf(name, size, "https://img.example/%" PRIu64, some));
		break;
	case PART_MENTION:
		part.text = SLICE("@somebody");
		part.name =
		    slice_span(name, (size_t)snprintf(name, size, "somebody%" PRIu64, some));
		part.number = 77;
		break;
	case PART_TEXT: break;
	}
	return part;
}

static const struct {
	enum event_field field;
	enum part_kind kind;
} part_fields[] = { { FIELD_EMOTES, PART_EMOTE },
		    { FIELD_LINKS, PART_LINK },
		    { FIELD_MENTIONS, PART_MENTION },
		    { FIELD_IMAGES, PART_IMAGE } };

/* The text, then each part that there is to be; text begins with the text. */
static void make_parts(struct random_event *out, uint64_t with, uint64_t *seed)
{
	struct slice text = out->event.text;
	size_t count = 0, len = text.len;

	out->parts[count++] = (struct part){ .kind = PART_TEXT, .text = text };
	for (size_t i = 0; i < COUNT(part_fields); i++) {
		struct part *part = &out->parts[count];

		if (!(with & UINT64_C(1) << part_fields[i].field))
			continue;
		*part = part_of(part_fields[i].kind, out->part_names[count],
				sizeof(out->part_names[count]), seed);
		memcpy(out->text + len, part->text.data, part->text.len);
		part->text.data = out->text + len;
		len += part->text.len;
		count++;
	}
	if (count == 1)
		return;
	out->event.text = slice_span(out->text, len);
	out->event.parts = out->parts;
	out->event.part_count = count;
}

static enum part_kind kind_of_part(enum event_field field)
{
	for (size_t i = 0; i < COUNT(part_fields); i++)
		if (part_fields[i].field == field)
			return part_fields[i].kind;
	return PART_TEXT;
}

static void change_parts(struct random_event *e, enum part_kind kind, uint64_t *seed)
{
	for (size_t i = 0; i < e->event.part_count; i++) {
		struct part *part = &e->parts[i];
		struct slice text = part->text;

		if (part->kind != kind)
			continue;
		*part = part_of(kind, e->part_names[i], sizeof(e->part_names[i]), seed);
		part->text = text;
	}
}

/* ---- the rest ---- */

static void make_reactions(struct random_event *e, uint64_t *seed)
{
	static const char *const emoji[EVENT_LISTED_MOST] = { "\xf0\x9f\x98\x82", "+1", "\"", "z" };

	e->event.reaction_count = 1 + below(seed, EVENT_LISTED_MOST);
	for (size_t i = 0; i < e->event.reaction_count; i++)
		e->reactions[i] = (struct reaction_count){ slice_of(emoji[i]),
							   1 + (uint32_t)below(seed, 100000) };
	e->event.reactions = e->reactions;
}

static void make_removed(struct random_event *e, uint64_t *seed)
{
	e->event.removed_count = 1 + below(seed, EVENT_LISTED_MOST);
	for (size_t i = 0; i < e->event.removed_count; i++)
		e->removed[i] = 1 + (random_next(seed) & (NUMBER_MAX >> 1));
	e->event.removed = e->removed;
}

static void make_options(struct random_event *e, uint64_t *seed)
{
	struct poll *poll = &e->poll;

	poll->option_count = 1 + (uint32_t)below(seed, COUNT(e->options));
	for (uint32_t i = 0; i < poll->option_count; i++)
		poll->options[i] = random_text(e->options[i], sizeof(e->options[i]), 4, seed);
}

static void make_counts(struct random_event *e, uint64_t *seed)
{
	for (uint32_t i = 0; i < e->poll.option_count; i++)
		e->poll.counts[i] = (uint32_t)below(seed, 1000000);
}

static void make_poll(struct random_event *e, uint64_t *seed)
{
	struct poll *poll = &e->poll;

	*poll = (struct poll){ .voters = (uint32_t)below(seed, 1000000) };
	poll->question = random_text(e->question, TEXT_MOST, 8, seed);
	make_options(e, seed);
	make_counts(e, seed);
	poll->duration_ms = 1000 * (1 + below(seed, 86400));
	poll->ends_ms = NOW + below(seed, 86400000);
	e->event.poll = poll;
}

/* Numbers as a server may write them: none of ours. */
static void make_extra(struct random_event *e, bool whole, uint64_t *seed)
{
	static const char *const values[] = { "1.10",        "1e400",
					      "-0",          "12345678901234567890123",
					      "null",        "[1.0,{\"b\":-0.0}]",
					      "\"\\u00e9\"", "true" };
	int len =
	    snprintf(e->extra, sizeof(e->extra),
		     whole ? "{\"type\":\"event\",\"event\":\"X%" PRIu64 "\",\"data\":{\"x\":%s}}"
			   : "\"not_modelled\":%" PRIu64 ",\"x\":%s",
		     below(seed, 100000000), values[below(seed, COUNT(values))]);

	e->event.extra = slice_span(e->extra, (size_t)len);
}

static struct slice random_status(const struct slice *than, uint64_t *seed)
{
	static const char *const words[] = { "ONLINE", "AWAY", "DO_NOT_DISTURB" };
	struct slice status;

	do
		status = slice_of(words[below(seed, COUNT(words))]);
	while (than && slice_equal(status, *than));
	return status;
}

static uint64_t random_id(uint64_t *seed)
{
	return 1 + random_next(seed) % (NUMBER_MAX - 1);
}

static struct slice random_thread(struct random_event *e, uint64_t *seed)
{
	int len = snprintf(e->thread, sizeof(e->thread), "%" PRIu64, 1 + (random_next(seed) >> 1));

	return slice_span(e->thread, (size_t)len);
}

static void make_words(struct random_event *e, uint64_t fields, uint64_t with, uint64_t *seed)
{
	struct envelope *event = &e->event;

	if (HAS(TEXT) || HAS(REASON))
		event->text = random_text(e->text, TEXT_MOST, 24, seed);
	if (HAS(EMOJI))
		event->text = random_emoji(e->emoji, sizeof(e->emoji), seed);
	if (HAS(STATUS))
		event->text = random_status(NULL, seed);
	if (fields & with & UINT64_C(1) << FIELD_ACTION)
		event->flags |= FLAG_ACTION;
	if (HAS(EMOTES))
		make_parts(e, with, seed);
	if (HAS(QUESTION))
		make_poll(e, seed);
	if (HAS(EXTRA))
		make_extra(e, event->kind == KIND_OPAQUE, seed);
}

static void make_numbers(struct random_event *e, uint64_t fields, uint64_t *seed)
{
	struct envelope *event = &e->event;

	if (HAS(TARGET))
		event->target = random_id(seed);
	if (HAS(CLIENT_TIME))
		event->client_time_ms = 1 + (int64_t)below(seed, 2 * NOW);
	if (HAS(THREAD))
		event->thread = random_thread(e, seed);
	if (HAS(EDITED) && below(seed, 2))
		event->flags |= FLAG_EDITED;
	if (HAS(ADDING) && below(seed, 2))
		event->flags |= FLAG_ADDING;
	if (HAS(REACTIONS))
		make_reactions(e, seed);
	if (HAS(REMOVED))
		make_removed(e, seed);
	if (HAS(DURATION))
		event->duration_ms = below(seed, 2) ? 1000 * (1 + below(seed, 31535999))
						    : 1 + below(seed, 31535999000);
	if (HAS(CHOICE))
		event->choice = (uint32_t)below(seed, POLL_OPTIONS_MAX);
}

void random_event(struct random_event *out, enum event_case of, uint64_t with,
		  const struct cast_person *cast, const char *dialect, uint64_t *seed)
{
	uint64_t fields = case_fields(of);

	out->cast = cast;
	out->event = (struct envelope){ .kind = case_kind(of),
					.flags = case_flags(of),
					.id = random_id(seed),
					.sequence = 1,
					.time_ms = NOW + below(seed, 1000000000),
					.room = SLICE("lobby"),
					.origin = { .dialect = slice_of(dialect) } };
	if (HAS(AUTHOR_ID))
		out->event.author = other_person(cast, NULL, seed);
	if (HAS(SUBJECT_ID))
		out->event.subject = other_person(cast, &out->event.author, seed);
	if (HAS(SUBJECT_ROLES))
		out->event.subject.roles = other_roles(0, seed);
	make_words(out, fields, with, seed);
	make_numbers(out, fields, seed);
}

/* ---- changing one field ---- */

static void change_once(struct random_event *e, enum event_field field, uint64_t *seed)
{
	struct envelope *event = &e->event;

	switch (field) {
	case FIELD_TEXT:
	case FIELD_REASON:
		/* The first letter: parts stay where they are. */
		e->text[0] = (char)('a' + below(seed, 26));
		break;
	case FIELD_ACTION: event->flags ^= FLAG_ACTION; break;
	case FIELD_EMOTES:
	case FIELD_LINKS:
	case FIELD_MENTIONS:
	case FIELD_IMAGES: change_parts(e, kind_of_part(field), seed); break;
	case FIELD_AUTHOR_NAME:
		event->author.name = random_name(e->names[0], sizeof(e->names[0]), seed);
		break;
	case FIELD_AUTHOR_ID: change_id(e->cast, &event->author, seed); break;
	case FIELD_AUTHOR_ROLES:
		event->author.roles = other_roles(event->author.roles, seed);
		break;
	case FIELD_SUBJECT_NAME:
		event->subject.name = random_name(e->names[1], sizeof(e->names[1]), seed);
		break;
	case FIELD_SUBJECT_ID: change_id(e->cast, &event->subject, seed); break;
	case FIELD_SUBJECT_ROLES:
		event->subject.roles = other_roles(event->subject.roles, seed);
		break;
	case FIELD_ID: event->id = random_id(seed); break;
	case FIELD_TARGET: event->target = random_id(seed); break;
	case FIELD_TIME: event->time_ms = NOW + below(seed, 1000000000); break;
	case FIELD_CLIENT_TIME: event->client_time_ms = 1 + (int64_t)below(seed, 2 * NOW); break;
	case FIELD_THREAD: event->thread = random_thread(e, seed); break;
	case FIELD_EDITED: event->flags ^= FLAG_EDITED; break;
	case FIELD_REACTIONS: make_reactions(e, seed); break;
	case FIELD_EMOJI: event->text = random_emoji(e->emoji, sizeof(e->emoji), seed); break;
	case FIELD_ADDING: event->flags ^= FLAG_ADDING; break;
	case FIELD_REMOVED: make_removed(e, seed); break;
	case FIELD_DURATION: event->duration_ms = 1 + below(seed, 31535999000); break;
	case FIELD_STATUS: event->text = random_status(&event->text, seed); break;
	case FIELD_QUESTION: e->poll.question = random_text(e->question, TEXT_MOST, 8, seed); break;
	case FIELD_OPTIONS:
		e->poll.options[0] = random_text(e->options[0], sizeof(e->options[0]), 4, seed);
		break;
	case FIELD_COUNTS: make_counts(e, seed); break;
	case FIELD_VOTERS: e->poll.voters = (uint32_t)below(seed, 1000000); break;
	case FIELD_RUNS: e->poll.duration_ms = 1000 * (1 + below(seed, 86400)); break;
	case FIELD_ENDS: e->poll.ends_ms = NOW + below(seed, 86400000); break;
	case FIELD_CHOICE: event->choice = (uint32_t)below(seed, POLL_OPTIONS_MAX); break;
	case FIELD_EXTRA: make_extra(e, event->kind == KIND_OPAQUE, seed); break;
	case FIELD_EVENT:
	case EVENT_FIELDS: break;
	}
}

void random_change(struct random_event *e, enum event_field field, uint64_t *seed)
{
	struct envelope *before = envelope_seal(&e->event);

	do
		change_once(e, field, seed);
	while (field != FIELD_EVENT && events_agree(before, &e->event, field));
	envelope_release(before);
}

uint64_t random_seed(uint64_t otherwise)
{
	const char *given = getenv("SEED");
	uint64_t seed = given && *given ? strtoull(given, NULL, 0) : otherwise;

	printf("SEED=%" PRIu64 "\n", seed);
	return seed;
}
