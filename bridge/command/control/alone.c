#include "bridge/command/control/alone.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bridge/admin/control/calls.h"
#include "bridge/admin/control/serve.h"
#include "bridge/core/log/log.h"
#include "bridge/kept.h"
#include "bridge/net/loop.h"
#include "bridge/setup.h"

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

/* What is made there belongs to the server's user. */
static bool become(uid_t user, gid_t group, FILE *errors)
{
	if (setegid(group) == 0 && seteuid(user) == 0)
		return true;
	fprintf(errors, "dragoman: the user of the state folder: %s\n", strerror(errno));
	return false;
}

static void become_root(void)
{
	if (seteuid(0) < 0 || setegid(0) < 0)
		abort();
}

static json_t *run_on_state(struct bridge *bridge, json_t *request, FILE *errors)
{
	struct room_time now = { clock_wall_ms(), clock_steady_ms() };
	struct database *database = kept_open_alone(bridge, now, errors);
	json_t *answer = database ? carry_out(bridge, request, errors) : NULL;

	kept_close_alone(bridge, database);
	return answer;
}

/* The configuration's secrets are read first: they may be root's. */
json_t *alone_answer(const struct conf *conf, json_t *request, const struct stat *owner,
		     FILE *errors)
{
	bool root = geteuid() == 0;
	struct bridge *bridge;
	json_t *answer = NULL;

	/* What is done is told by the answer. */
	log_set_level(LOG_ERROR);
	bridge = setup_stored(conf, errors);
	if (bridge && (!root || become(owner->st_uid, owner->st_gid, errors)))
		answer = run_on_state(bridge, request, errors);
	if (root)
		become_root();
	setup_free(bridge);
	return answer;
}
