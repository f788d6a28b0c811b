/* What the matrix says of each ordered pair of dialects is what becomes of events on their way:
 * said by a client or told by a server of one, shown to a client or said to a server of the other.
 *
 * SOAK=N sends N events through each pair, and prints how many that is in a second. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "codecs/registry.h"
#include "codecs/text/memory.h"
#include "routes/deliver/adapt.h"
#include "routes/deliver/broadcast.h"
#include "routes/deliver/degrade.h"
#include "routes/deliver/matrix.h"
#include "tests/support/dialects.h"
#include "tests/support/translation.h"

#define SAMPLE 2000

/* ---- what sentences tell ---- */

/* The text of the stand-in, and who says it. Returns new; NULL: there is none. */
static char *sentence(const struct envelope *event, enum codec_rule rule)
{
	struct degraded out;
	struct json_writer w = { .len = 0 };
	char *text;

	if (!degrade_event(event, rule, AUDIENCE_OTHERS, NULL, &out)) {
		degrade_clear(&out);
		return NULL;
	}
	json_put_string(&w, out.event.author.name);
	json_put_string(&w, out.event.text);
	json_put_unsigned(&w, out.event.flags & FLAG_ACTION);
	for (size_t i = 0; i < out.event.part_count; i++) {
		json_put_string(&w, out.event.parts[i].name);
		json_put_unsigned(&w, out.event.parts[i].x);
		json_put_unsigned(&w, out.event.parts[i].y);
	}
	text = memory_text(w.data, w.len);
	json_clear(&w);
	degrade_clear(&out);
	return text;
}

static void try_sentence(enum event_case of, enum event_field field, enum codec_rule rule,
			 const struct cast_person *cast, uint64_t *seed)
{
	static const struct target_note note = { .time_ms = 1795289388027 };
	static struct random_event event;
	unsigned said = 0, told = 0;

	for (unsigned i = 0; i < 40; i++) {
		char *before, *after;

		random_event(&event, of, UINT64_C(1) << field, cast, "elsewhere", seed);
		event.event.note = &note;
		before = sentence(&event.event, rule);
		random_change(&event, field, seed);
		after = sentence(&event.event, rule);
		/* What one does to one's own is worded otherwise. */
		if (event.event.author.number &&
		    event.event.author.number == event.event.subject.number) {
			free(after);
			after = NULL;
		}
		said += before != NULL;
		told += before && after && strcmp(before, after) != 0;
		free(before);
		free(after);
	}
	if (said && matrix_words_tell(of, field, rule) != (told > 0))
		fail_msg("%s, %s: the sentence tells it in %u of %u", case_name(of),
			 field_name(field), told, said);
}

static void sentences_tell_what_the_table_says(void **state)
{
	static const enum codec_rule rules[] = { RULE_TEXT, RULE_ACTION, RULE_NOTICE };
	struct cast_person cast[CAST_SIZE];
	struct id_key ids;
	uint64_t seed = random_seed(1);

	(void)state;
	memcpy(ids.bytes, "0123456789abcdef", sizeof(ids.bytes));
	random_cast(cast, &ids, &seed);
	for (enum event_case of = CASE_EDIT; of < EVENT_CASES; of++)
		for (enum event_field field = FIELD_EVENT + 1; field < FIELD_EXTRA; field++)
			for (size_t i = 0; case_fields(of) >> field & 1 && i < 3; i++)
				try_sentence(of, field, rules[i], cast, &seed);
}

/* ---- a pair ---- */

struct pair {
	struct translation from, to;
	struct matrix_way way;
	uint64_t *seed;
	uint64_t sent[EVENT_CASES];
	struct poll poll;
};

static enum carry source_of(const struct pair *pair, enum event_case of, enum event_field field)
{
	return carries_find(pair->way.from, of, field,
			    pair->way.from_server ? CARRY_HEARD : CARRY_SAID);
}

static void take_poll(struct pair *pair, const struct envelope *seen, struct envelope *event)
{
	if (!seen->poll || !event->poll)
		return;
	pair->poll = *event->poll;
	pair->poll.question = seen->poll->question;
	pair->poll.option_count = seen->poll->option_count;
	memcpy(pair->poll.options, seen->poll->options, sizeof(pair->poll.options));
	pair->poll.duration_ms = seen->poll->duration_ms;
	event->poll = &pair->poll;
}

static void take_field(struct pair *pair, const struct envelope *seen, enum event_field field,
		       struct envelope *event)
{
	switch (field) {
	case FIELD_TEXT:
	case FIELD_REASON:
	case FIELD_EMOJI:
	case FIELD_STATUS: event->text = seen->text; return;
	case FIELD_ACTION:
		event->flags =
		    (event->flags & ~(uint32_t)FLAG_ACTION) | (seen->flags & FLAG_ACTION);
		return;
	case FIELD_ADDING:
		event->flags =
		    (event->flags & ~(uint32_t)FLAG_ADDING) | (seen->flags & FLAG_ADDING);
		return;
	case FIELD_THREAD: event->thread = seen->thread; return;
	case FIELD_TARGET: event->target = seen->target; return;
	case FIELD_CLIENT_TIME: event->client_time_ms = seen->client_time_ms; return;
	case FIELD_DURATION: event->duration_ms = seen->duration_ms; return;
	case FIELD_CHOICE: event->choice = seen->choice; return;
	case FIELD_QUESTION: take_poll(pair, seen, event); return;
	case FIELD_EXTRA: event->extra = seen->extra; return;
	case FIELD_EMOTES:
	case FIELD_LINKS:
	case FIELD_MENTIONS:
	case FIELD_IMAGES:
		event->parts = seen->parts;
		event->part_count = seen->part_count;
		return;
	default: return;
	}
}

/* What was said, or heard, in place of what it was made of; all else is the room's. False: it is
 * not said in frames. */
static bool arrive(struct pair *pair, enum event_case of, struct envelope *event)
{
	enum carry_direction writer = pair->way.from_server ? CARRY_SHOWN : CARRY_CALLED;
	const struct envelope *seen;
	bool written = true;

	if (carry_class(source_of(pair, of, FIELD_ACTION)) != CARRIED_NATIVE)
		event->flags &= ~(uint32_t)FLAG_ACTION;
	if (pair->way.from_server)
		translation_prepare(&pair->from, event);
	if (pair->way.from_server)
		written = translation_show(&pair->from, event,
					   envelope_is_private(event) ? AUDIENCE_SUBJECT
								      : AUDIENCE_OTHERS);
	else if (pair->way.from->calls->can[event->kind].out == RULE_NATIVE)
		written = translation_say(&pair->from, event);
	else
		return true; /* by coming, or by requests of their own: tests/codecs */
	if (!written)
		return true;
	seen = pair->way.from_server ? translation_hear(&pair->from, of)
				     : translation_read(&pair->from, of);
	assert_non_null(seen);
	if (case_of(seen) != of)
		return false;
	for (enum event_field field = FIELD_EVENT + 1; field < EVENT_FIELDS; field++) {
		if (!(case_fields(of) >> field & 1) ||
		    carry_class(source_of(pair, of, field)) != CARRIED_NATIVE)
			continue;
		/* What we cannot say ourselves was something else from the start. */
		if (carry_class(carries_find(pair->way.from, of, field, writer)) ==
			CARRIED_NATIVE &&
		    !events_agree(event, seen, field))
			fail_msg("%s from %s: %s is lost", case_name(of), pair->way.from->name,
				 field_name(field));
		take_field(pair, seen, field, event);
	}
	return true;
}

/* The event as it is to be seen in the other dialect: with emoji for codes, or codes for emoji. */
static void adapt(const struct pair *pair, const struct envelope *event, struct degraded *out)
{
	*out = (struct degraded){ .event = *event };
	if (emotes_needed(event, slice_of(pair->way.from->name), pair->way.to))
		emotes_event(event, pair->way.to, false, out);
}

static const struct envelope *show(struct pair *pair, enum event_case of,
				   const struct envelope *event)
{
	const struct probe *p = &pair->to.serving.probe;
	struct codec_view view = p->view;
	struct rendition out = { .frame = NULL };
	bool shown;

	view.mass_mentions = true; /* else a text may be another */
	rendition_make(event, &view, &view, &p->peer.form,
		       envelope_is_private(event) ? AUDIENCE_SUBJECT : AUDIENCE_OTHERS, 0, &out);
	shown = translation_take(&pair->to, out.frame);
	frame_release(out.frame);
	return shown ? translation_hear(&pair->to, of) : NULL;
}

/* Is it to be seen exactly at the other end? */
static bool is_exact(const struct pair *pair, enum event_case of, enum event_field field)
{
	enum carry_direction reader = pair->way.to_server ? CARRY_SAID : CARRY_HEARD;

	return matrix_field(&pair->way, of, field).carried == CARRIED_NATIVE &&
	       carry_class(carries_find(pair->way.to, of, field, reader)) == CARRIED_NATIVE;
}

static void compare(const struct pair *pair, enum event_case of, const struct envelope *event,
		    const struct envelope *seen)
{
	bool acted = event->flags & FLAG_ACTION && !is_exact(pair, of, FIELD_ACTION);

	for (enum event_field field = FIELD_EVENT + 1; field < EVENT_FIELDS; field++) {
		if (!(case_fields(of) >> field & 1) || !is_exact(pair, of, field))
			continue;
		if (field == FIELD_TEXT && acted && !pair->way.to_server)
			assert_non_null(memmem(seen->text.data, seen->text.len, event->text.data,
					       event->text.len));
		else if (!events_agree(event, seen, field))
			fail_msg("%s from %s to %s: %s is lost", case_name(of),
				 pair->way.from->name, pair->way.to->name, field_name(field));
	}
}

static void depart_to_server(struct pair *pair, enum event_case of, const struct envelope *event)
{
	struct matrix_event claim = matrix_event(&pair->way, of);
	const struct envelope *seen;

	/* Put in words by the link, or not at all. */
	if (claim.form != MATRIX_OWN) {
		if (pair->way.to->calls->can[event->kind].out == RULE_NATIVE)
			assert_false(translation_say(&pair->to, event));
		return;
	}
	assert_true(translation_say(&pair->to, event));
	seen = translation_read(&pair->to, of);
	assert_non_null(seen);
	if (claim.carry == CARRY_NATIVE)
		compare(pair, of, event, seen);
}

static void depart_to_client(struct pair *pair, enum event_case of, const struct envelope *event)
{
	struct matrix_event claim = matrix_event(&pair->way, of);
	const struct envelope *seen;
	struct degraded adapted;

	translation_prepare(&pair->to, event);
	seen = show(pair, of, event);
	switch (claim.form) {
	case MATRIX_NOT:
	case MATRIX_REFUSED: assert_null(seen); return;
	case MATRIX_OWN:
		assert_non_null(seen);
		adapt(pair, event, &adapted);
		if (claim.carry == CARRY_NATIVE)
			compare(pair, of, &adapted.event, seen);
		degrade_clear(&adapted);
		return;
	case MATRIX_TEXT:
	case MATRIX_WORDS:
		assert_non_null(seen);
		assert_true(pair->to.seen[0]->kind == KIND_MESSAGE ||
			    pair->to.seen[0]->kind == KIND_NOTICE ||
			    pair->to.seen[0]->kind == KIND_DELETE);
		return;
	}
}

static enum event_case pick_case(const struct pair *pair)
{
	enum event_case of;

	do
		of = random_next(pair->seed) % EVENT_CASES;
	while (!matrix_event(&pair->way, of).arises);
	return of;
}

static void send_one(struct pair *pair)
{
	static struct random_event event;
	enum event_case of = pick_case(pair);
	struct envelope whole;

	/* Each part that it may have, or none. */
	random_event(&event, of, random_next(pair->seed), pair->from.cast, pair->way.from->name,
		     pair->seed);
	whole = event.event;
	if (!arrive(pair, of, &whole))
		return;
	pair->sent[of]++;
	if (pair->way.to_server)
		depart_to_server(pair, of, &whole);
	else
		depart_to_client(pair, of, &whole);
}

static uint64_t soak_count(void)
{
	const char *given = getenv("SOAK");

	return given ? strtoull(given, NULL, 10) : 0;
}

static void send_pair(size_t from, size_t to, uint64_t count, uint64_t *seed)
{
	static struct pair pair;
	struct cast_person cast[CAST_SIZE];
	struct timespec begun, ended;
	struct id_key ids;

	memset(&pair, 0, sizeof(pair));
	memcpy(ids.bytes, "0123456789abcdef", sizeof(ids.bytes));
	random_cast(cast, &ids, seed);
	translation_open(&pair.from, registry_codec(from), cast);
	translation_open(&pair.to, registry_codec(to), cast);
	pair.seed = seed;
	pair.way.from = registry_codec(from);
	pair.way.to = registry_codec(to);
	clock_gettime(CLOCK_MONOTONIC, &begun);
	for (uint64_t i = 0; i < count; i++) {
		pair.way.from_server = i & 1;
		pair.way.to_server = i & 2;
		send_one(&pair);
	}
	clock_gettime(CLOCK_MONOTONIC, &ended);
	if (soak_count())
		printf("%s to %s: %" PRIu64 " events, %.0f in a second\n", pair.way.from->name,
		       pair.way.to->name, count,
		       (double)count / ((double)(ended.tv_sec - begun.tv_sec) +
					(double)(ended.tv_nsec - begun.tv_nsec) / 1e9));
	fflush(stdout);
	translation_close(&pair.from);
	translation_close(&pair.to);
}

static void pairs_carry_what_the_matrix_says(void **state)
{
	uint64_t soak = soak_count();
	uint64_t seed = random_seed(soak ? (uint64_t)time(NULL) : 1);

	(void)state;
	for (size_t from = 0; from < DIALECTS; from++)
		for (size_t to = 0; to < DIALECTS; to++)
			send_pair(from, to, soak ? soak : SAMPLE, &seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sentences_tell_what_the_table_says),
		cmocka_unit_test(pairs_carry_what_the_matrix_says),
	};

	return cmocka_run_group_tests_name("routes/deliver/matrix", tests, NULL, NULL);
}
