#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "bridge/core/log/log.h"
#include "tests/support/actors.h"
#include "tests/support/dialects.h"
#include "tests/support/floor.h"
#include "tests/support/injection.h"

void floor_open(struct floor *floor, unsigned workers, const char *config)
{
	log_set_level(LOG_WARNING);
	*floor = (struct floor){ 0 };
	floor->stage = stage_new(config ? config : FLOOR_LOBBY, workers, STAGE_START_MS);
	assert_non_null(floor->stage);
	cast_init(&floor->cast, floor->stage);
}

void floor_close(struct floor *floor)
{
	stage_balance(floor->stage);
	assert_string_equal(floor->stage->fault, "");
	counters_free(floor->counters);
	stage_free(floor->stage);
}

static struct stage_client *join(struct floor *floor, const char *name, size_t dialect,
				 const struct actor *actor)
{
	struct stage_client *client = actor_join(floor->stage, name, dialect, actor);

	if (!client)
		fail_msg("%s is refused", name);
	floor_forget(floor);
	return client;
}

struct stage_client *floor_join(struct floor *floor, const char *name, size_t dialect,
				const char *credential)
{
	struct actor actor = { .credential = credential };

	return join(floor, name, dialect, &actor);
}

struct stage_client *floor_join_framed(struct floor *floor, const char *name, size_t dialect,
				       enum framing framing)
{
	struct actor actor = { .framing = framing };

	return join(floor, name, dialect, &actor);
}

struct stage_client *floor_join_compressed(struct floor *floor, const char *name, size_t dialect)
{
	struct actor actor = { .compressed = true };

	return join(floor, name, dialect, &actor);
}

struct stage_client *floor_join_dragoman(struct floor *floor, const char *name, size_t dialect)
{
	struct actor actor = { .dragoman = true };

	return join(floor, name, dialect, &actor);
}

struct stage_client *floor_join_at(struct floor *floor, const char *name, size_t dialect,
				   const char *path)
{
	struct actor actor = { .path = path };

	return join(floor, name, dialect, &actor);
}

static char *query_of(size_t dialect, const char *credential)
{
	static const char *const keys[DIALECTS] = {
		[DIALECT_MIXER] = "name", [DIALECT_CONCORD] = "token", [DIALECT_ROOMS] = "key"
	};
	char *query = NULL;

	if (keys[dialect] && asprintf(&query, "%s=%s", keys[dialect], credential) < 0)
		abort();
	return query;
}

void floor_refused(struct floor *floor, size_t dialect, const char *credential, const char *status)
{
	char *query = query_of(dialect, credential);
	char *basic = dialect == DIALECT_SIMPLE ? actor_basic(credential) : NULL;
	struct stage_request request = { .mount = stage_mount(floor->stage, dialect, NULL),
					 .query = query,
					 .authorization = basic };
	struct slice response = { 0 };
	struct stage_client *client = stage_connect(floor->stage, "nobody", &request, &response);

	if (client->session)
		fail_msg("%s is let in", credential);
	assert_true(slice_starts_with(response, "HTTP/1.1 "));
	assert_memory_equal(response.data + 9, status, strlen(status));
	free(query);
	free(basic);
}

struct stage_client *floor_connect(struct floor *floor, const char *name, size_t dialect,
				   const char *query)
{
	struct stage_request request = { .mount = stage_mount(floor->stage, dialect, NULL),
					 .query = query };
	struct slice response = { 0 };

	return stage_connect(floor->stage, name, &request, &response);
}

void floor_say(struct stage_client *client, const char *format, ...)
{
	char *text = NULL;
	va_list args;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	assert_true(len >= 0);
	stage_say(client, slice_span(text, (size_t)len), false);
	free(text);
}

void floor_hears(struct floor *floor, struct stage_client *client, const char *pattern)
{
	struct stage_frame *frame = stage_next(client);

	if (!frame)
		fail_msg("%s was sent nothing, not %s", client->name, pattern);
	floor->cast.at_ms = frame->at_ms;
	if (!pattern_alike(slice_of(pattern), slice_span(frame->text, frame->len),
			   &floor->cast.names))
		fail_msg("%s was sent %s, not %s", client->name, frame->text, pattern);
	stage_drop(client);
}

void floor_hears_words(struct stage_client *client, const char *words)
{
	struct stage_frame *frame = stage_next(client);

	if (!frame)
		fail_msg("%s was sent nothing, not %s", client->name, words);
	if (!strstr(frame->text, words))
		fail_msg("%s was sent %s, not %s", client->name, frame->text, words);
	stage_drop(client);
}

void floor_hears_nothing(struct stage_client *client)
{
	struct stage_frame *frame = stage_next(client);

	if (frame)
		fail_msg("%s was sent %s", client->name, frame->text);
}

size_t floor_heard(const struct stage_client *client)
{
	size_t count = 0;

	for (const struct stage_frame *f = client->inbox; f; f = f->next)
		count++;
	return count;
}

void floor_forget(struct floor *floor)
{
	for (struct stage_client *c = floor->stage->clients; c; c = c->next)
		stage_drop_all(c);
}

enum reason floor_inject(struct floor *floor, const char *json)
{
	enum reason reason = REASON_NONE;

	assert_true(injection_say(floor->stage, slice_of(json), &reason));
	return reason;
}

const struct counters *floor_counters(struct floor *floor)
{
	counters_free(floor->counters);
	floor->counters = stage_counters(floor->stage);
	return floor->counters;
}

uint64_t floor_outcomes(struct floor *floor, size_t dialect, enum outcome outcome)
{
	const struct counters *counters = floor_counters(floor);
	uint64_t sum = counters->removed.dialects[dialect].outcomes[outcome];

	for (size_t i = 0; i < counters->room_count; i++)
		sum += counters->rooms[i].dialects[dialect].outcomes[outcome];
	return sum;
}

void floor_hold(struct floor *floor)
{
	floor->stage->held = true;
}

void floor_go(struct floor *floor)
{
	floor->stage->held = false;
	stage_settle(floor->stage);
}

char *floor_folder(void)
{
	const char *above = getenv("TMPDIR");
	char *path = NULL;

	assert_true(asprintf(&path, "%s/floor-XXXXXX", above ? above : P_tmpdir) > 0);
	assert_non_null(mkdtemp(path));
	return path;
}

void floor_folder_remove(char *folder)
{
	DIR *listing = opendir(folder);
	struct dirent *entry;

	while (listing && (entry = readdir(listing)))
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(listing), entry->d_name, 0);
	if (listing)
		closedir(listing);
	assert_int_equal(rmdir(folder), 0);
	free(folder);
}

void floor_file(const char *folder, const char *name, const char *text, unsigned mode)
{
	char *path = NULL;
	FILE *file;

	assert_true(asprintf(&path, "%s/%s", folder, name) > 0);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
	free(path);
}
