#include "bridge/command/translate/replay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/command/translate/matching.h"
#include "codecs/registry.h"
#include "codecs/text/json_read.h"
#include "codecs/text/memory.h"

#define PAUSE_MOST_MS 3600000 /* a longer one is not waited for */
#define NAME_SOURCE   (6 * NAME_BYTES_MAX)

enum line_kind { LINE_ENTERS, LINE_LEAVES, LINE_IN, LINE_OUT };

struct line {
	enum line_kind kind;
	unsigned number; /* in the file */
	uint64_t n, t, connection;
	size_t dialect;
	struct json_value frame, name, roles;
	char *text; /* owned: what they borrow from */
};

struct replay {
	struct cast *cast;
	FILE *errors;
	const char *path;
	struct line *lines;
	size_t count, size;
	struct connection {
		uint64_t number;
		struct stage_client *client; /* NULL: could not come in, or left */
	} * connections;
	size_t connection_count;
	struct matching matching;
	uint64_t dropped;
};

/* ---- the file ---- */

static bool complain(const struct replay *replay, unsigned number, const char *what)
{
	fprintf(replay->errors, "dragoman: %s:%u: %s\n", replay->path, number, what);
	return false;
}

static bool read_number(const struct json_object *object, const char *name, uint64_t *out)
{
	int64_t value = 0;

	if (!json_int64(json_member(object, name), &value) || value < 0)
		return false;
	*out = (uint64_t)value;
	return true;
}

static bool is_text(struct json_value value, const char *text)
{
	return value.type == JSON_STRING && value.source.len == strlen(text) + 2 &&
	       memcmp(value.source.data + 1, text, strlen(text)) == 0;
}

/* False: it is of none of these kinds. */
static bool read_kind(const struct json_object *object, enum line_kind *kind)
{
	struct json_value event = json_member(object, "event");
	struct json_value direction = json_member(object, "direction");

	if (is_text(event, "enters"))
		*kind = LINE_ENTERS;
	else if (is_text(event, "leaves"))
		*kind = LINE_LEAVES;
	else if (is_text(direction, "in"))
		*kind = LINE_IN;
	else if (is_text(direction, "out"))
		*kind = LINE_OUT;
	else
		return false;
	return true;
}

/* What a line says of a connection. */
static bool read_line(const struct json_object *object, struct line *line)
{
	struct json_value dialect = json_member(object, "dialect");

	line->dialect = DIALECTS_MAX;
	if (dialect.type == JSON_STRING)
		line->dialect =
		    registry_find(slice_span(dialect.source.data + 1, dialect.source.len - 2));
	line->frame = json_member(object, "frame");
	line->name = json_member(object, "name");
	line->roles = json_member(object, "roles");
	return line->dialect != DIALECTS_MAX && read_number(object, "n", &line->n) &&
	       read_number(object, "t", &line->t) &&
	       read_number(object, "connection", &line->connection);
}

static void keep_line(struct replay *replay, const struct line *line)
{
	if (replay->count == replay->size) {
		replay->size = replay->size ? 2 * replay->size : 256;
		replay->lines = memory_resize(replay->lines, replay->size * sizeof(*replay->lines));
	}
	replay->lines[replay->count++] = *line;
}

/* Takes text. Lines of a kind that is not known say nothing that could be played. */
static bool add_line(struct replay *replay, char *text, size_t len, unsigned number)
{
	struct line line = { .number = number, .text = text };
	struct json_object object;
	uint64_t dropped = 0;
	bool right = json_read(slice_span(text, len), JSON_DEPTH_MAX, &object) == JSON_OK;
	bool plays = right && read_kind(&object, &line.kind);

	if (plays && read_line(&object, &line)) {
		keep_line(replay, &line);
		return true;
	}
	if (right && !plays && is_text(json_member(&object, "event"), "dropped") &&
	    read_number(&object, "lines", &dropped))
		replay->dropped += dropped;
	free(text);
	return (right && !plays) || complain(replay, number, "this is no line of a capture");
}

static bool read_file(struct replay *replay, FILE *file)
{
	char *text = NULL;
	size_t size = 0;
	unsigned number = 0;
	bool right = true;
	ssize_t len;

	while (right && (len = getline(&text, &size, file)) >= 0) {
		len -= len > 0 && text[len - 1] == '\n';
		number++;
		if (len > 0)
			right =
			    add_line(replay, memory_text(text, (size_t)len), (size_t)len, number);
	}
	free(text);
	return right;
}

/* Each thread's lines came in their order, those of several one behind the other. */
static int by_order(const void *one, const void *other)
{
	const struct line *a = one, *b = other;

	return a->n < b->n ? -1 : a->n > b->n;
}

/* ---- who ---- */

static struct connection *connection_of(struct replay *replay, uint64_t number)
{
	for (size_t i = 0; i < replay->connection_count; i++)
		if (replay->connections[i].number == number)
			return &replay->connections[i];
	replay->connections = memory_resize(replay->connections, (replay->connection_count + 1) *
								     sizeof(*replay->connections));
	replay->connections[replay->connection_count] = (struct connection){ .number = number };
	return &replay->connections[replay->connection_count++];
}

static uint32_t roles_of(struct json_value list)
{
	struct json_value item;
	uint32_t roles = 0;
	size_t cursor = 0;

	while (json_item(list, &cursor, &item))
		if (item.type == JSON_STRING)
			roles |=
			    person_role_find(slice_span(item.source.data + 1, item.source.len - 2));
	return roles;
}

/* Another connection of the same person has a name of its own. */
static void enters(struct replay *replay, const struct line *line)
{
	struct cast *cast = replay->cast;
	char scratch[NAME_SOURCE], other[32];
	struct input input = { .kind = INPUT_ENTERS };
	struct connection *connection = connection_of(replay, line->connection);
	const char *why;

	if (line->name.type != JSON_STRING || line->name.source.len > sizeof(scratch))
		return;
	input.name = json_text(line->name, scratch, NULL);
	input.role = roles_of(line->roles) & ~(uint32_t)ROLE_USER;
	cast->shows_entries = true;
	if (cast_is_free(cast, input.name))
		connection->client = cast_find(cast, line->dialect, &input, &why);
	if (!connection->client) {
		snprintf(other, sizeof(other), "user-%zu",
			 (size_t)(connection - replay->connections) + 1);
		input.name = slice_of(other);
		connection->client = cast_find(cast, line->dialect, &input, &why);
	}
	cast->shows_entries = false;
	if (!connection->client)
		report_wrong(cast->report, why);
	report_end(cast->report, connection->client);
}

static void leaves(struct replay *replay, const struct line *line)
{
	struct connection *connection = connection_of(replay, line->connection);

	if (!connection->client)
		return;
	stage_leave(connection->client);
	report_end(replay->cast->report, NULL);
	connection->client = NULL;
}

/* ---- ids ---- */

static bool read_kept(const struct stage_frame *frame, struct json_value *value)
{
	return json_read_value(slice_span(frame->text, frame->len), JSON_DEPTH_MAX, value) ==
	       JSON_OK;
}

static void drop_kept(struct stage_client *client, struct stage_frame **at)
{
	struct stage_frame *frame = *at;

	*at = frame->next;
	if (!frame->next)
		client->kept_end = at;
	free(frame);
}

/* Of those it was sent here the one that is most alike; the first of several. */
static void match(struct replay *replay, struct stage_client *client, const struct line *line)
{
	const struct codec_words *words = registry_codec(line->dialect)->words;
	struct stage_frame **at = &client->kept, **best = NULL;
	struct json_value now;
	size_t most = 0;

	for (; *at; at = &(*at)->next) {
		size_t alike = read_kept(*at, &now) ? matching_alike(words, line->frame, now) : 0;

		if (alike > most) {
			most = alike;
			best = at;
		}
	}
	if (!best || !read_kept(*best, &now))
		return;
	matching_learn(&replay->matching, words, line->frame, now);
	drop_kept(client, best);
}

/* ---- frames ---- */

static void say(struct replay *replay, struct stage_client *client, const struct line *line)
{
	char *scratch = memory_new(line->frame.source.len);
	struct json_writer w;
	struct slice frame;

	json_start(&w, 0, 256);
	/* What was no JSON is a text here. */
	if (line->frame.type == JSON_STRING) {
		frame = json_text(line->frame, scratch, NULL);
	} else {
		matching_put(&replay->matching, line->frame, slice_of(client->name), &w);
		frame = slice_span(w.data, w.len);
	}
	cast_say(replay->cast, client, frame);
	json_clear(&w);
	free(scratch);
	report_end(replay->cast->report, client);
}

static void play(struct replay *replay, const struct line *line)
{
	struct report *report = replay->cast->report;
	const struct connection *connection = connection_of(replay, line->connection);

	report->from = line->dialect;
	if (line->kind == LINE_OUT) {
		if (connection->client)
			match(replay, connection->client, line);
		return;
	}
	report_begin(report, line->number);
	if (line->kind == LINE_ENTERS)
		enters(replay, line);
	else if (line->kind == LINE_LEAVES)
		leaves(replay, line);
	else if (connection->client) /* else it is of the login */
		say(replay, connection->client, line);
}

static void play_all(struct replay *replay)
{
	struct stage *stage = replay->cast->report->stage;
	uint64_t t = replay->count ? replay->lines[0].t : 0;

	for (size_t i = 0; i < replay->count; i++) {
		const struct line *line = &replay->lines[i];
		/* Threads read their clocks at different times. */
		uint64_t passed = line->t > t ? line->t - t : 0;

		t += passed;
		stage_pass(stage, passed < PAUSE_MOST_MS ? passed : PAUSE_MOST_MS);
		play(replay, line);
	}
}

/* ---- all of it ---- */

static void clear(struct replay *replay)
{
	for (size_t i = 0; i < replay->count; i++)
		free(replay->lines[i].text);
	free(replay->lines);
	free(replay->connections);
	matching_clear(&replay->matching);
}

bool replay_run(struct cast *cast, const char *path, FILE *errors)
{
	struct replay replay = { .cast = cast, .errors = errors, .path = path };
	FILE *file = fopen(path, "r");
	bool right;

	if (!file) {
		fprintf(errors, "dragoman: %s: %s\n", path, strerror(errno));
		return false;
	}
	right = read_file(&replay, file);
	fclose(file);
	if (right && replay.dropped)
		fprintf(errors, "dragoman: %s: %llu lines were dropped while it was made\n", path,
			(unsigned long long)replay.dropped);
	if (right) {
		qsort(replay.lines, replay.count, sizeof(*replay.lines), by_order);
		cast->report->stage->keeps = true;
		play_all(&replay);
	}
	clear(&replay);
	return right;
}
