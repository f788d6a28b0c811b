#include "bridge/command/control/alone.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bridge/admin/control/calls.h"
#include "bridge/admin/control/serve.h"
#include "bridge/core/log/log.h"
#include "bridge/kept.h"
#include "bridge/lock.h"
#include "bridge/net/loop.h"
#include "bridge/setup.h"
#include "conf/conf.h"

/* In place of a connection to a control socket. */
struct answer_lines {
	json_t *rows, *last; /* owned; NULL: none came */
};

static void take_line(void *peer, const char *line, size_t len, bool last)
{
	struct answer_lines *lines = peer;
	json_t *made = json_loadb(line, len, 0, NULL);

	if (last) {
		lines->last = made;
		return;
	}
	if (json_object_get(made, "rows") && !lines->rows)
		lines->rows = json_array();
	if (lines->rows)
		json_array_extend(lines->rows, json_object_get(made, "rows"));
	json_decref(made);
}

static json_t *whole(struct answer_lines *lines)
{
	if (lines->last && lines->rows)
		json_object_set(lines->last, "rows", lines->rows);
	json_decref(lines->rows);
	return lines->last;
}

/* Nobody is connected, and the store keeps at once: nothing has to be waited for. */
static json_t *carry_out(struct bridge *bridge, json_t *asked, FILE *errors)
{
	struct answer_lines lines = { NULL, NULL };
	struct control_server server = { .server = NULL };
	struct calls calls = {
		.bridge = bridge, .server = &server, .send = take_line, .now_ms = clock_steady_ms()
	};
	char fault[REQUEST_FAULT_MAX], *text = json_dumps(asked, JSON_COMPACT);
	struct request request;
	struct call *call;

	if (!text)
		abort();
	if (request_read(text, strlen(text), &request, fault)) {
		call = call_new(&calls, &request, &lines, getuid(), getpid());
		serve(call);
		while (call->writing && !call->over)
			call_written(call);
		calls_clear(&calls);
	} else {
		fprintf(errors, "dragoman: %s\n", fault);
	}
	free(text);
	return whole(&lines);
}

static json_t *run_in(const struct conf *conf, struct bridge *bridge, json_t *request, FILE *errors)
{
	struct room_time now = { clock_wall_ms(), clock_steady_ms() };
	json_t *answer = NULL;
	struct database *database;
	int lock = lock_state(conf->state, errors);

	if (lock < 0)
		return NULL;
	database = kept_open_alone(bridge, now, errors);
	if (database)
		answer = carry_out(bridge, request, errors);
	kept_close_alone(bridge, database);
	close(lock);
	return answer;
}

json_t *alone_run(const struct conf *conf, json_t *request, bool *refused, FILE *errors)
{
	struct bridge *bridge;
	json_t *answer;

	*refused = false;
	if (!conf->state[0] || strcmp(conf->storage.engine, CONF_MEMORY) == 0) {
		fputs("dragoman: this configuration keeps nothing: it needs state, and storage "
		      "with engine sqlite\n",
		      errors);
		return NULL;
	}
	/* What is done is told by the answer. */
	log_set_level(LOG_ERROR);
	bridge = setup_sketch(conf, errors);
	*refused = !bridge;
	if (!bridge)
		return NULL;
	answer = run_in(conf, bridge, request, errors);
	setup_free(bridge);
	return answer;
}
