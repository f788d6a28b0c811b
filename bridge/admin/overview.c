#include "bridge/admin/overview.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/admin/control/serve.h"
#include "bridge/admin/explainer.h"
#include "bridge/core/board/board.h"
#include "bridge/net/loop.h"
#include "codecs/text/memory.h"

/* Inquiries of the control socket are told from these by their number. */
#define FIRST_SERIAL (UINT64_C(1) << 62)

/* In this order: the first says whether the last is asked. */
static const struct overview_part {
	const char *verb, *name;
	bool list, each; /* each: has a row for everybody who is connected */
} parts[] = {
	{ "status", "status", false, false },    { "rooms", "rooms", true, false },
	{ "backends", "backends", true, false }, { "upstreams", "upstreams", true, false },
	{ "who", "people", true, true },
};

#define PARTS (sizeof(parts) / sizeof(parts[0]))

struct overview {
	struct calls calls;
	struct call *call; /* under way, and ... */
	size_t part;       /* ... for which part; PARTS: none is */
	bool written;      /* the call has said something, and waits to go on */
	json_t *made;      /* all so far; NULL: nothing is under way */
	struct explainer *explainer;
};

/* ---- what a call says ---- */

static void add_rows(struct overview *overview, json_t *rows)
{
	json_t *all = json_object_get(overview->made, parts[overview->part].name), *row;
	size_t i;

	json_array_foreach(rows, i, row) if (json_array_size(all) < OVERVIEW_ROWS)
	    json_array_append(all, row);
}

static void hear_line(void *peer, const char *line, size_t len, bool last)
{
	struct overview *overview = peer;
	json_t *said = json_loadb(line, len, 0, NULL);

	add_rows(overview, json_object_get(said, "rows"));
	if (last && !parts[overview->part].list && json_is_true(json_object_get(said, "ok")))
		json_object_set(overview->made, parts[overview->part].name,
				json_object_get(said, "result"));
	if (last)
		overview->call = NULL;
	overview->written = true;
	json_decref(said);
}

/* ---- one part after the other ---- */

static bool is_asked(const struct overview *overview, const struct overview_part *part)
{
	json_t *status = json_object_get(overview->made, parts[0].name);
	json_t *open = json_object_get(json_object_get(status, "connections"), "open");

	return !part->each || (open && json_integer_value(open) <= OVERVIEW_ROWS);
}

static void begin_part(struct overview *overview)
{
	const struct overview_part *part = &parts[overview->part];
	char line[64], fault[REQUEST_FAULT_MAX];
	struct request request;
	int len = snprintf(line, sizeof(line), "{\"verb\":\"%s\"}", part->verb);

	if (!request_read(line, (size_t)len, &request, fault))
		abort();
	if (part->list)
		json_object_set_new(overview->made, part->name, json_array());
	overview->call = call_new(&overview->calls, &request, overview, 0, 0);
	serve(overview->call);
}

static void write_board(struct overview *overview)
{
	char *text = json_dumps(overview->made, JSON_COMPACT);

	if (!text)
		abort();
	board_write(overview->calls.bridge->board, text);
	json_decref(overview->made);
	overview->made = NULL;
}

/* As far as it goes without waiting for a worker. */
static void go_on(struct overview *overview)
{
	while (overview->made && (overview->written || !overview->call)) {
		overview->written = false;
		if (overview->call)
			call_written(overview->call);
		else if (overview->part == PARTS)
			write_board(overview);
		else if (++overview->part < PARTS && is_asked(overview, &parts[overview->part]))
			begin_part(overview);
	}
	calls_sweep(&overview->calls);
}

/* ---- from outside ---- */

struct overview *overview_new(struct bridge *bridge, const struct control_server *server)
{
	struct overview *overview = memory_zeroed(1, sizeof(*overview));
	struct calls *calls = &overview->calls;

	*calls = (struct calls){ .bridge = bridge, .server = server, .send = hear_line };
	calls->serial = FIRST_SERIAL;
	calls->started_ms = calls->now_ms = clock_steady_ms();
	overview->explainer = explainer_new(bridge, server);
	return overview;
}

void overview_free(struct overview *overview)
{
	if (!overview)
		return;
	calls_clear(&overview->calls);
	json_decref(overview->made);
	explainer_free(overview->explainer);
	free(overview);
}

void overview_tick(struct overview *overview)
{
	overview->calls.now_ms = clock_steady_ms();
	if (overview->made) {
		calls_tick(&overview->calls);
	} else if (board_is_wanted(overview->calls.bridge->board, overview->calls.now_ms)) {
		overview->made = json_object();
		overview->part = 0;
		begin_part(overview);
	}
	go_on(overview);
	explainer_look(overview->explainer);
}

void overview_look(struct overview *overview)
{
	explainer_look(overview->explainer);
}

void overview_hear(struct overview *overview, struct post_inquiry *post)
{
	overview->calls.now_ms = clock_steady_ms();
	calls_hear(&overview->calls, post);
	go_on(overview);
	explainer_hear(overview->explainer, post);
}
