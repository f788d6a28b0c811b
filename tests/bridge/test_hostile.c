/* One client sends everything that is wrong; the others in the room notice nothing, or what a
 * defined meaning of it yields, under that client's own name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/core/log/log.h"
#include "tests/support/actors.h"
#include "tests/support/cast.h"
#include "tests/support/dialects.h"
#include "tests/support/fixtures.h"
#include "tests/support/stage.h"

#define DAMAGES 200
#define HOSTILE "mallory"

static const char config[] =
    "limits: { messages_per_second = 0; };\n"
    "rooms = ( { name = \"lobby\"; mixer = 1; concord = 1; rooms = \"" FIXTURE_ROOM "\"; } );\n";

struct siege {
	struct stage *stage;
	struct cast cast;
	struct stage_client *hostile;
	enum dialect dialect;
	bool stranger; /* the hostile one does not log in */
	struct stage_client *good[DIALECTS];
};

static const char *const good_names[DIALECTS] = { "ann", "cy", "dora", "bob" };

static void hostile_come(struct siege *siege)
{
	static const char *const credentials[DIALECTS] = { "666:x", HOSTILE, FIXTURE_KEY, NULL };
	struct actor actor = { .credential = credentials[siege->dialect] };
	struct stage_request request = { .mount = stage_mount(siege->stage, siege->dialect, NULL) };
	struct slice response;

	if (siege->stranger)
		siege->hostile = stage_connect(siege->stage, HOSTILE, &request, &response);
	else
		siege->hostile = actor_join(siege->stage, HOSTILE, siege->dialect, &actor);
	assert_non_null(siege->hostile);
	assert_non_null(siege->hostile->session);
	for (size_t d = 0; d < DIALECTS; d++)
		stage_drop_all(siege->good[d]);
}

static uint64_t ordered(const struct siege *siege)
{
	struct counters *counters = stage_counters(siege->stage);
	uint64_t count = counters->intake.ordered;

	counters_free(counters);
	return count;
}

/* The simple client sees of everybody's doings who did them. */
static void check_author(struct siege *siege, const struct stage_frame *frame)
{
	static const char *const patterns[] = {
		"{\"type\":\"message_sent\",\"message\":@any,\"timestamp\":@any,"
		"\"username\":\"@text\"}",
		"{\"type\":\"user_@text\",\"timestamp\":@any,\"username\":\"@text\"}",
		"{\"type\":\"message_sent\",\"message\":\"" HOSTILE " @text\",\"timestamp\":@any,"
		"\"username\":null}",
	};
	struct slice text = slice_span(frame->text, frame->len);
	bool known = false;

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		known = known || pattern_alike(slice_of(patterns[i]), text, &siege->cast.names);
	assert_true(known);
	for (size_t d = 0; d < DIALECTS; d++) {
		char name[64];
		int len = snprintf(name, sizeof(name), "\"username\":\"%s\"}", good_names[d]);

		assert_false(frame->len > (size_t)len &&
			     memcmp(frame->text + frame->len - (size_t)len, name, (size_t)len) ==
				 0);
	}
}

static void attack(void *context, struct slice text)
{
	struct siege *siege = context;
	uint64_t before = ordered(siege), more;

	if (!siege->hostile->session) {
		hostile_come(siege);
		before = ordered(siege);
	}
	stage_say(siege->hostile, text, false);
	stage_drop_all(siege->hostile);
	more = ordered(siege) - before;
	assert_in_range(more, 0, 1);
	/* Bytes that are no text cost the connection: then the others hear that it left. */
	if (!siege->hostile->session)
		more++;
	for (size_t d = 0; d < DIALECTS; d++) {
		uint64_t heard = 0;

		assert_non_null(siege->good[d]->session);
		for (; stage_next(siege->good[d]); stage_drop(siege->good[d])) {
			if (d == DIALECT_SIMPLE)
				check_author(siege, stage_next(siege->good[d]));
			heard++;
		}
		assert_true(heard <= more);
	}
	if (siege->stage->fault[0])
		fail_msg("%s", siege->stage->fault);
}

/* Everybody can still say something, and everybody hears it. */
static void check_life(struct siege *siege)
{
	for (size_t d = 0; d < DIALECTS; d++) {
		actor_says(siege->good[d], "still here");
		for (size_t e = 0; e < DIALECTS; e++) {
			assert_non_null(stage_next(siege->good[e]));
			stage_drop_all(siege->good[e]);
		}
	}
}

static void lay_siege(enum dialect dialect, bool stranger)
{
	struct siege siege = { .dialect = dialect, .stranger = stranger };
	struct actor plain = { 0 };

	log_set_level(LOG_ERROR);
	siege.stage = stage_new(config, 2, STAGE_START_MS);
	assert_non_null(siege.stage);
	cast_init(&siege.cast, siege.stage);
	for (size_t d = 0; d < DIALECTS; d++)
		siege.good[d] = actor_join(siege.stage, good_names[d], d, &plain);
	hostile_come(&siege);
	for (size_t i = 0; i < fixture_count; i++) {
		attack(&siege, slice_of(fixtures[i].text));
		if (fixtures[i].dialect != dialect)
			continue;
		fixture_cut(&fixtures[i], attack, &siege);
		fixture_swap(&fixtures[i], attack, &siege);
		fixture_damage(&fixtures[i], (unsigned)i + 1, DAMAGES, attack, &siege);
	}
	stage_drop_all(siege.hostile);
	check_life(&siege);
	stage_balance(siege.stage);
	assert_string_equal(siege.stage->fault, "");
	stage_free(siege.stage);
}

static void hostile_mixer_client(void **state)
{
	(void)state;
	lay_siege(DIALECT_MIXER, false);
}

static void hostile_concord_client(void **state)
{
	(void)state;
	lay_siege(DIALECT_CONCORD, false);
}

static void hostile_rooms_client(void **state)
{
	(void)state;
	lay_siege(DIALECT_ROOMS, false);
}

static void hostile_simple_client(void **state)
{
	(void)state;
	lay_siege(DIALECT_SIMPLE, false);
}

/* mixer alone lets a client in before it says who it is. */
static void hostile_stranger(void **state)
{
	(void)state;
	lay_siege(DIALECT_MIXER, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_mixer_client), cmocka_unit_test(hostile_concord_client),
		cmocka_unit_test(hostile_rooms_client), cmocka_unit_test(hostile_simple_client),
		cmocka_unit_test(hostile_stranger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
