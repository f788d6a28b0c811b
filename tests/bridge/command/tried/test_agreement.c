/* What dragoman routes says becomes of an event, and what the server makes of it: the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/command/tried/tried.h"
#include "tests/support/floor.h"
#include "tests/support/lines.h"

#define ROUNDS    1000
#define STEPS_MAX 6
#define FACTS_MAX 64
#define FACT_MAX  160

#define PLACES                                                                                     \
	"limits: { messages_per_second = 0; };" FLOOR_TWO_ROOMS                                    \
	"backends: ( { name = \"judge\"; bind = \"ipc://j\"; },"                                   \
	" { name = \"dice\"; bind = \"ipc://d\"; } );"                                             \
	"taps: ( { name = \"feed\"; bind = \"ipc://f\"; } );"

/* What came to where, in any order. */
struct facts {
	char list[FACTS_MAX][FACT_MAX];
	size_t count;
};

static int fact_order(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* The text behind the last key in line, up to its quotation mark. */
static int behind(const char *line, const char *key, const char **at)
{
	const char *found = NULL;

	for (const char *next = strstr(line, key); next; next = strstr(next + 1, key))
		found = next;
	*at = found ? found + strlen(key) : "";
	return (int)strcspn(*at, "\"");
}

/* line: a message to a backend or tap. */
static void add_message(struct facts *facts, const char *to, const char *line)
{
	const char *cause, *room, *text;
	int cause_len = behind(line, "\"cause\":\"", &cause);
	int room_len = behind(line, "\"room\":\"", &room);
	int text_len = behind(line, "\"text\":\"", &text);

	assert_true(facts->count < FACTS_MAX);
	snprintf(facts->list[facts->count++], FACT_MAX, "%s, %s %.*s: %.*s in %.*s", to,
		 strstr(line, "ASK | ") ? "asked" : "told", cause_len, cause, text_len, text,
		 room_len, room);
}

/* line: a frame of the simple dialect. */
static void add_frame(struct facts *facts, const char *room, const char *line)
{
	const char *text;
	int len = behind(line, "\"message\":\"", &text);

	assert_true(facts->count < FACTS_MAX);
	snprintf(facts->list[facts->count++], FACT_MAX, "said in %s: %.*s", room, len, text);
}

/* ---- what dragoman routes says ---- */

static void read_line(struct facts *facts, char *line, char room[32], char to[32])
{
	const char *json;

	sscanf(line, "In the room %31[^:]:", room);
	if ((json = strstr(line, " the backend ")))
		sscanf(json, " the backend %31[a-z]", to);
	else if (strncmp(line, "       DGM1 | ", 14) == 0)
		add_message(facts, to, line);
	else if (strncmp(line, "       simple   {\"type\":\"message_sent\"", 38) == 0)
		add_frame(facts, room, line);
	else if (strstr(line, "/message | "))
		add_message(facts, "feed", line);
}

static void told(struct facts *facts, const struct conf *conf, const char *event)
{
	struct arguments arguments = { .command = COMMAND_ROUTES, .event = event };
	char *text, *rest, room[32] = "", to[32] = "";
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	facts->count = 0;
	assert_true(tried_run(conf, &arguments, out, stderr));
	fclose(out);
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		read_line(facts, line, room, to);
	free(text);
}

/* ---- what the server does ---- */

struct scene {
	struct floor floor;
	struct stage_instance *judge, *dice, *feed;
	struct stage_client *speaker, *lobby, *attic;
};

static void instance_forget(struct stage_instance *instance)
{
	while (instance->inbox)
		stage_instance_drop(instance);
}

static struct stage_instance *instance_open(struct stage *stage, const char *name)
{
	struct stage_instance *instance = stage_instance_new(stage, name, slice_of(name));
	char ready[64];

	assert_non_null(instance);
	snprintf(ready, sizeof(ready), "READY | {\"name\":\"%s\",\"credits\":64}", name);
	stage_instance_say(stage, instance, slice_of(ready), false);
	return instance;
}

static void scene_open(struct scene *scene, const char *config)
{
	struct stage *stage;

	floor_open(&scene->floor, 2, config);
	stage = scene->floor.stage;
	scene->judge = instance_open(stage, "judge");
	scene->dice = instance_open(stage, "dice");
	scene->feed = stage_instance_new(stage, "f", SLICE("feed"));
	assert_non_null(scene->feed);
	scene->speaker = floor_join(&scene->floor, "ann", DIALECT_SIMPLE, NULL);
	scene->lobby = floor_join(&scene->floor, "lou", DIALECT_SIMPLE, NULL);
	scene->attic = floor_join_at(&scene->floor, "abe", DIALECT_SIMPLE, "/attic");
	floor_forget(&scene->floor);
	instance_forget(scene->judge);
	instance_forget(scene->dice);
	instance_forget(scene->feed);
}

/* Notes all that an instance was sent, and answers it: asks are allowed. */
static bool instance_hears(struct scene *scene, struct stage_instance *instance, const char *name,
			   struct facts *facts)
{
	bool any = false;

	while (instance->inbox) {
		const char *text = instance->inbox->text, *id = strstr(text, "\"id\":");
		char answer[96] = "";

		if (strncmp(text, "ASK | ", 6) == 0)
			snprintf(answer, sizeof(answer),
				 "ANSWER | {\"id\":%llu,\"verdict\":\"allow\"}",
				 strtoull(id + 5, NULL, 10));
		else if (strncmp(text, "EVENT | ", 8) == 0)
			snprintf(answer, sizeof(answer), "ACK | {\"id\":%llu}",
				 strtoull(id + 5, NULL, 10));
		if (*answer || instance == scene->feed)
			add_message(facts, name, text);
		stage_instance_drop(instance);
		if (*answer)
			stage_instance_say(scene->floor.stage, instance, slice_of(answer), false);
		any = true;
	}
	return any;
}

static void client_heard(struct stage_client *client, const char *room, struct facts *facts)
{
	for (; client->inbox; stage_drop(client))
		if (strstr(client->inbox->text, "\"message_sent\""))
			add_frame(facts, room, client->inbox->text);
}

static void happened(struct scene *scene, struct facts *facts)
{
	bool any = true;

	facts->count = 0;
	while (any) {
		any = instance_hears(scene, scene->judge, "judge", facts);
		any = instance_hears(scene, scene->dice, "dice", facts) || any;
	}
	instance_hears(scene, scene->feed, "feed", facts);
	client_heard(scene->lobby, "lobby", facts);
	client_heard(scene->attic, "attic", facts);
}

/* ---- rules by chance ---- */

static size_t below(uint64_t *seed, size_t limit)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*seed >> 33) % limit;
}

/* Steps of a rule for the room; only the lobby passes on, so that there is no circle. */
static void put_steps(FILE *out, uint64_t *seed, bool lobby)
{
	static const char *const steps[] = {
		"{ ask = \"judge\"; }",
		"{ ask = \"dice\"; }",
		"{ tap = \"feed\"; }",
		"{ tap = \"dice\"; }",
		"{ rewrite = \"text\"; to = \"{text}.\"; }",
		"{ room = \"{room}\"; }",
		"{ backend = \"judge\"; }",
		"{ backend = \"dice\"; }",
		"{ room = \"attic\"; }",
	};
	size_t count = below(seed, STEPS_MAX), chosen;
	bool delivered = false;

	for (size_t i = 0; i < count; i++) {
		chosen = below(seed, lobby ? 9 : 8);
		delivered = delivered || chosen > 4;
		fprintf(out, "%s%s", i > 0 ? ", " : "", steps[chosen]);
	}
	if (!delivered && below(seed, 4) == 0)
		fprintf(out, "%s%s", count > 0 ? ", " : "",
			below(seed, 2) ? "{ refuse = \"No\"; }" : "{ drop = true; }");
	else if (count == 0)
		fputs("{ tap = \"feed\"; }", out);
}

/* Returns new. */
static char *chosen_config(uint64_t *seed)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	fputs(PLACES "routes: ( { name = \"l\"; kind = \"message\"; room = \"lobby\"; then = ( ",
	      out);
	put_steps(out, seed, true);
	fputs(" ); }, { name = \"a\"; kind = \"message\"; room = \"attic\"; then = ( ", out);
	put_steps(out, seed, false);
	fputs(" ); } );", out);
	fclose(out);
	return text;
}

static void compare(struct facts *said, struct facts *done, const char *config)
{
	qsort(said->list, said->count, FACT_MAX, fact_order);
	qsort(done->list, done->count, FACT_MAX, fact_order);
	for (size_t i = 0; i < said->count || i < done->count; i++) {
		const char *left = i < said->count ? said->list[i] : "nothing";
		const char *right = i < done->count ? done->list[i] : "nothing";

		if (strcmp(left, right) != 0)
			fail_msg("%s\nroutes says '%s', the server does '%s'", config, left, right);
	}
}

static void what_routes_says_happens(void **state)
{
	struct facts said, done;
	struct scene scene;
	uint64_t seed = 28;
	size_t facts = 0;

	(void)state;
	for (size_t round = 0; round < ROUNDS; round++) {
		char *config = chosen_config(&seed);

		scene_open(&scene, config);
		told(&said, scene.floor.stage->bridge->conf,
		     "{\"kind\":\"message\",\"room\":\"lobby\",\"text\":\"hi\","
		     "\"author\":{\"name\":\"ann\"},\"origin\":{\"dialect\":\"simple\"}}");
		floor_say(scene.speaker,
			  "{\"type\":\"send_message\",\"payload_id\":1,\"message\":\"hi\"}");
		happened(&scene, &done);
		compare(&said, &done, config);
		facts += said.count;
		told(&said, scene.floor.stage->bridge->conf,
		     "{\"kind\":\"message\",\"room\":\"lobby\",\"text\":\"ho\","
		     "\"origin\":{\"dialect\":\"backend\",\"instance\":\"judge\"}}");
		stage_instance_say(scene.floor.stage, scene.judge,
				   SLICE("PUBLISH | {\"room\":\"lobby\"} | "
					 "{\"kind\":\"message\",\"text\":\"ho\"}"),
				   false);
		happened(&scene, &done);
		compare(&said, &done, config);
		facts += said.count;
		floor_close(&scene.floor);
		free(config);
	}
	assert_true(facts > 4 * ROUNDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(what_routes_says_happens) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
