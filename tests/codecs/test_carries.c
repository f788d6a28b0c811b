/* What codecs claim to carry is what they carry: events of each case, with each field filled in, go
 * through the codec's own functions in each direction. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/registry.h"
#include "codecs/text/memory.h"
#include "tests/support/translation.h"

#define TRIALS      60
#define FAULTS_MOST 400

/* Where claims and behaviour differ, as text; a difference is told once. */
struct faults {
	char lines[FAULTS_MOST][200];
	size_t count;
};

static __attribute__((format(printf, 2, 3))) void fault(struct faults *faults, const char *format,
							...)
{
	va_list args;

	if (faults->count == FAULTS_MOST)
		return;
	va_start(args, format);
	vsnprintf(faults->lines[faults->count++], sizeof(faults->lines[0]), format, args);
	va_end(args);
}

/* What is tried: one field of one case, one way. */
struct trial {
	struct translation *t;
	enum event_case of;
	enum event_field field;
	enum carry_direction out; /* CARRY_SHOWN and _HEARD, or CARRY_CALLED and _SAID, or _TOLD */
	uint64_t *seed;
	struct faults *faults;
	bool (*proven)[2];                /* by case: it was said in a frame, by HTTP */
	unsigned written, told, survived; /* of TRIALS */
};

static bool write_event(const struct trial *trial, const struct envelope *event)
{
	if (trial->out == CARRY_CALLED)
		return translation_say(trial->t, event);
	return translation_show(trial->t, event,
				trial->out == CARRY_TOLD || envelope_is_private(event)
				    ? AUDIENCE_SUBJECT
				    : AUDIENCE_OTHERS);
}

static const struct envelope *read_event(const struct trial *trial)
{
	if (trial->out == CARRY_CALLED)
		return translation_read(trial->t, trial->of);
	return translation_hear(trial->t, trial->of);
}

static bool same_bytes(const struct translation *t, const char *bytes, size_t len)
{
	return t->bytes.len == len && (len == 0 || memcmp(t->bytes.data, bytes, len) == 0);
}

static void try_change(struct trial *trial, struct random_event *event)
{
	size_t len = trial->t->bytes.len;
	char *bytes = memory_new(len + 1);

	memcpy(bytes, trial->t->bytes.data ? trial->t->bytes.data : "", len);
	random_change(event, trial->field, trial->seed);
	if (!write_event(trial, &event->event) || !same_bytes(trial->t, bytes, len))
		trial->told++;
	free(bytes);
}

static void try_once(struct trial *trial)
{
	static struct random_event event;
	const struct envelope *seen;

	random_event(&event, trial->of, UINT64_C(1) << trial->field, trial->t->cast,
		     trial->t->codec->name, trial->seed);
	if (trial->out == CARRY_SHOWN)
		translation_prepare(trial->t, &event.event);
	if (!write_event(trial, &event.event))
		return;
	trial->written++;
	seen = read_event(trial);
	if (seen && events_agree(&event.event, seen, trial->field)) {
		trial->survived++;
		if (trial->out == CARRY_CALLED && case_of(seen) == trial->of)
			trial->proven[trial->of][trial->t->request] = true;
	}
	if (trial->field != FIELD_EVENT && write_event(trial, &event.event))
		try_change(trial, &event);
}

static enum carry claim_of(const struct trial *trial, enum carry_direction direction)
{
	return carries_find(trial->t->codec, trial->of, trial->field, direction);
}

static const char *const direction_names[] = { "shown", "told", "said", "called", "heard" };

static void complain(const struct trial *trial, enum carry_direction direction, const char *what)
{
	fault(trial->faults,
	      "%s %s, %s: %s claims \"%s\", but %s (%u written, %u told, %u survived)",
	      trial->t->codec->name, case_name(trial->of), field_name(trial->field),
	      direction_names[direction], carry_text(claim_of(trial, direction)), what,
	      trial->written, trial->told, trial->survived);
}

static void judge_event(const struct trial *trial, enum carry out)
{
	switch (carry_class(out)) {
	case CARRIED_NATIVE:
		if (trial->written < TRIALS)
			complain(trial, trial->out, "it is not always written");
		break;
	case CARRIED_DEGRADED:
		if (trial->written == 0)
			complain(trial, trial->out, "it is never written");
		break;
	case CARRIED_LOST:
		if (trial->written > 0)
			complain(trial, trial->out, "it is written");
		break;
	}
}

static void judge_field(const struct trial *trial, enum carry out)
{
	if (trial->written == 0)
		return;
	if (!carry_tells(out) && trial->told > 0)
		complain(trial, trial->out, "what is written depends on it");
	else if (carry_class(out) == CARRIED_NATIVE && trial->told < trial->written)
		complain(trial, trial->out, "it is not always written");
	else if (carry_tells(out) && trial->told == 0)
		complain(trial, trial->out, "it is never written");
}

/* What is exact both ways comes through whole, always. What is not, does not. */
static void judge_way(const struct trial *trial, enum carry out, enum carry_direction direction)
{
	enum carry in = claim_of(trial, direction);
	bool native = carry_class(in) == CARRIED_NATIVE, exact = carry_class(out) == CARRIED_NATIVE;

	if (trial->written == 0)
		return;
	if (native && exact && trial->survived < trial->written)
		complain(trial, direction, "it does not come through");
	else if (!(native && exact) && trial->survived == trial->written)
		complain(trial, native ? trial->out : direction, "it comes through");
}

static void judge(const struct trial *trial)
{
	enum carry out = claim_of(trial, trial->out);

	if (trial->field == FIELD_EVENT)
		judge_event(trial, out);
	else
		judge_field(trial, out);
	if (trial->out != CARRY_TOLD)
		judge_way(trial, out, trial->out == CARRY_CALLED ? CARRY_SAID : CARRY_HEARD);
}

static void try_field(struct trial trial)
{
	for (unsigned i = 0; i < TRIALS; i++)
		try_once(&trial);
	judge(&trial);
}

static bool is_native(const struct codec *codec, enum event_case of, enum carry_direction out)
{
	const struct codec_capability *can = out == CARRY_CALLED ? codec->calls->can : codec->can;

	return can[case_kind(of)].out == RULE_NATIVE;
}

static void try_way(struct translation *t, enum event_case of, enum carry_direction out,
		    bool proven[][2], uint64_t *seed, struct faults *faults)
{
	if (!is_native(t->codec, of, out) || (out == CARRY_TOLD && !case_has_subject(of)))
		return;
	for (enum event_field field = 0; field < EVENT_FIELDS; field++)
		if (case_fields(of) & UINT64_C(1) << field)
			try_field((struct trial){ .t = t,
						  .of = of,
						  .field = field,
						  .out = out,
						  .proven = proven,
						  .seed = seed,
						  .faults = faults });
}

/* ---- what is said, or heard, and never written by ourselves ---- */

#define ROOMS_FRAME(type)                                                                          \
	"{\"type\":\"" type "\",\"key\":\"WCVl_0123456789abcdefghijklmnopq\",\"room_id\":"         \
	"\"" PROBE_ROOM "\"}"

static const struct {
	const char *codec;
	enum event_case of;
	bool heard; /* else it is said */
	const char *frame;
} proofs[] = {
	{ "mixer", CASE_NOTICE, true,
	  "{\"type\":\"event\",\"event\":\"ChatMessage\",\"data\":{\"channel\":7,\"id\":"
	  "\"f95b5a90-a6d5-11e9-8b2c-1b0d4a1f6a20\",\"user_name\":\"\",\"user_id\":-1,"
	  "\"user_roles\":[],\"message\":{\"message\":[{\"type\":\"text\",\"data\":\"x\"}]}}}" },
	{ "concord", CASE_MESSAGE, false,
	  "{\"type\":\"chat_written\",\"channelId\":7,\"content\":\"x\"}" },
	{ "concord", CASE_REACTION, false,
	  "{\"type\":\"chat_reaction\",\"chatId\":5,\"reaction\":\"+1\",\"adding\":true}" },
	{ "rooms", CASE_ENTER, false, ROOMS_FRAME("enter") },
	{ "rooms", CASE_EXIT, false, ROOMS_FRAME("exit") },
};

static void put_text(struct translation *t, const char *text)
{
	json_put_literal(&t->bytes, text, strlen(text));
	t->ends[t->messages++] = t->bytes.len;
}

static void begin(struct translation *t, bool request)
{
	t->bytes.len = 0;
	t->messages = 0;
	t->request = request;
}

static void prove_frames(struct translation *t, bool proven[][2])
{
	for (size_t i = 0; i < sizeof(proofs) / sizeof(proofs[0]); i++) {
		const struct envelope *seen;

		if (strcmp(proofs[i].codec, t->codec->name) != 0)
			continue;
		begin(t, false);
		put_text(t, proofs[i].frame);
		seen = proofs[i].heard ? translation_hear(t, proofs[i].of)
				       : translation_read(t, proofs[i].of);
		assert_true(seen && case_of(seen) == proofs[i].of);
		if (!proofs[i].heard)
			proven[proofs[i].of][false] = true;
	}
}

/* Who becomes an admin of a room by HTTP. */
static void prove_admins(struct translation *t, bool proven[][2])
{
	const struct person *who = &t->cast[0].person;
	char body[128], id[UUID_TEXT_LEN];
	const struct envelope *seen;

	if (strcmp(t->codec->name, "rooms") != 0)
		return;
	uuid_print(who->uuid, id);
	snprintf(body, sizeof(body), "{\"user_id\":\"%.36s\"}", id);
	begin(t, true);
	t->method = CALL_PUT;
	put_text(t, "/room/" PROBE_ROOM "/admins");
	put_text(t, body);
	seen = translation_read(t, CASE_ROLES);
	assert_non_null(seen);
	assert_int_equal(case_of(seen), CASE_ROLES);
	assert_int_equal(seen->subject.number, who->number);
	assert_true(seen->subject.roles & ROLE_MOD);
	proven[CASE_ROLES][true] = true;
}

/* What clients say in frames, and by HTTP, is claimed to be said so. What they do, is said by
 * nobody. */
static void judge_said(const struct translation *t, bool proven[][2], struct faults *faults)
{
	for (enum event_case of = 0; of < EVENT_CASES; of++) {
		enum carry claim = carries_find(t->codec, of, FIELD_EVENT, CARRY_SAID);
		bool frame = claim == CARRY_NATIVE, http = claim == CARRY_HTTP;

		if (frame != proven[of][false] || (http && !proven[of][true]))
			fault(faults, "%s %s: said claims \"%s\", frames %d, http %d",
			      t->codec->name, case_name(of), carry_text(claim), proven[of][false],
			      proven[of][true]);
		if (carry_class(claim) == CARRIED_NATIVE && !t->codec->can[case_kind(of)].in)
			fault(faults, "%s %s: said by clients that cannot", t->codec->name,
			      case_name(of));
	}
}

/* ---- all of a codec ---- */

static void try_codec(const struct codec *codec, uint64_t seed, struct faults *faults)
{
	static struct translation t;
	bool proven[EVENT_CASES][2] = { { false } };
	struct cast_person cast[CAST_SIZE];
	struct id_key ids;

	memcpy(ids.bytes, "0123456789abcdef", sizeof(ids.bytes));
	random_cast(cast, &ids, &seed);
	translation_open(&t, codec, cast);
	for (enum event_case of = 0; of < EVENT_CASES; of++) {
		try_way(&t, of, CARRY_SHOWN, proven, &seed, faults);
		try_way(&t, of, CARRY_TOLD, proven, &seed, faults);
		try_way(&t, of, CARRY_CALLED, proven, &seed, faults);
	}
	prove_frames(&t, proven);
	prove_admins(&t, proven);
	judge_said(&t, proven, faults);
	translation_close(&t);
}

static void codecs_carry_what_they_claim(void **state)
{
	static struct faults faults;
	uint64_t seed = random_seed(1);

	(void)state;
	for (size_t i = 0; i < registry_count(); i++)
		try_codec(registry_codec(i), seed, &faults);
	for (size_t i = 0; i < faults.count; i++)
		fprintf(stderr, "%s\n", faults.lines[i]);
	assert_int_equal(faults.count, 0);
}

/* ---- codecs that lie ---- */

static bool found_out(const struct faults *faults, const char *text)
{
	for (size_t i = 0; i < faults->count; i++)
		if (strstr(faults->lines[i], text))
			return true;
	return false;
}

static enum codec_status encode_without_thread(const struct envelope *event,
					       const struct codec_view *view,
					       const struct form *form, enum audience audience,
					       uint32_t muted_events, struct frame **out)
{
	struct envelope lesser = *event;

	lesser.thread = (struct slice){ NULL, 0 };
	return codec_concord.serves->encode(&lesser, view, form, audience, muted_events, out);
}

static void an_encoder_that_drops_a_field_is_found_out(void **state)
{
	static struct faults faults;
	struct codec_ops serves = *codec_concord.serves;
	struct codec broken = codec_concord;

	(void)state;
	serves.encode = encode_without_thread;
	broken.serves = &serves;
	try_codec(&broken, 1, &faults);
	assert_true(found_out(&faults, "concord message, thread: shown claims"));
	assert_true(found_out(&faults, "concord message, thread: heard claims"));
	assert_true(found_out(&faults, "concord typing, thread: shown claims"));
	assert_false(found_out(&faults, "called claims"));
	assert_false(found_out(&faults, "concord message, text"));
}

static enum codec_status say_without_thread(struct call_peer *peer, const struct call_said *said,
					    struct call_out *out, enum reason *why)
{
	struct envelope lesser = *said->event;
	struct call_said less = *said;

	lesser.thread = (struct slice){ NULL, 0 };
	less.event = &lesser;
	return codec_concord.calls->say(peer, &less, out, why);
}

static void a_speaker_that_drops_a_field_is_found_out(void **state)
{
	static struct faults faults;
	struct codec_calls calls = *codec_concord.calls;
	struct codec broken = codec_concord;

	(void)state;
	calls.say = say_without_thread;
	broken.calls = &calls;
	try_codec(&broken, 1, &faults);
	assert_true(found_out(&faults, "concord message, thread: called claims"));
	assert_false(found_out(&faults, "shown claims"));
}

/* The last byte of each text is lost. */
static void (*told_before)(struct call_sink *, const struct call_heard *);

static void heard_less(struct call_sink *sink, const struct call_heard *heard)
{
	struct call_heard less = *heard;

	less.event.text.len -= less.event.text.len > 0;
	told_before(sink, &less);
}

static enum reason hear_less(struct call_peer *peer, struct slice text, struct call_sink *sink)
{
	void (*heard)(struct call_sink *, const struct call_heard *) = sink->heard;
	enum reason reason;

	told_before = heard;
	sink->heard = heard_less;
	reason = codec_simple.calls->decode(peer, text, sink);
	sink->heard = heard;
	return reason;
}

static void a_hearer_that_cuts_texts_is_found_out(void **state)
{
	static struct faults faults;
	struct codec_calls calls = *codec_simple.calls;
	struct codec broken = codec_simple;

	(void)state;
	calls.decode = hear_less;
	broken.calls = &calls;
	try_codec(&broken, 1, &faults);
	assert_true(found_out(&faults, "simple message, text: heard claims"));
	assert_true(found_out(&faults, "simple notice, text: heard claims"));
	assert_false(found_out(&faults, "time"));
}

/* To carry more than one claims is a lie, too. */
static void a_claim_that_is_too_modest_is_found_out(void **state)
{
	static const struct carries_row modest[] = {
		CARRIES_ROW(MESSAGE, FIELD_BIT(EVENT) | FIELD_BIT(TEXT), NATIVE, NATIVE, NATIVE,
			    NATIVE),
		CARRIES_END,
	};
	static struct faults faults;
	struct codec broken = codec_simple;

	(void)state;
	broken.carries = modest;
	try_codec(&broken, 1, &faults);
	assert_true(found_out(&faults, "simple message, author's name: shown claims"));
	assert_true(found_out(&faults, "simple message, time: heard claims"));
	assert_true(found_out(&faults, "simple enter, event: shown claims"));
	assert_false(found_out(&faults, "simple message, text"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codecs_carry_what_they_claim),
		cmocka_unit_test(an_encoder_that_drops_a_field_is_found_out),
		cmocka_unit_test(a_speaker_that_drops_a_field_is_found_out),
		cmocka_unit_test(a_hearer_that_cuts_texts_is_found_out),
		cmocka_unit_test(a_claim_that_is_too_modest_is_found_out),
	};

	return cmocka_run_group_tests_name("codecs/carries", tests, NULL, NULL);
}
