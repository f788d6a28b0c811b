#include "tests/support/desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "bridge/admin/control/serve.h"

static void send_line(void *peer, const char *line, size_t len, bool last)
{
	struct desk *desk = peer;

	assert_true(desk->count < DESK_LINES_MAX && !desk->last);
	assert_true(line[len - 1] == '\n' && !memchr(line, '\n', len - 1));
	desk->lines[desk->count] = json_loadb(line, len, 0, NULL);
	assert_true(json_is_object(desk->lines[desk->count]));
	desk->count++;
	desk->last = last;
}

static void inquired(void *context, struct post_inquiry *post)
{
	struct desk *desk = context;

	desk->calls.now_ms = desk->floor.stage->tick_ms;
	calls_hear(&desk->calls, post);
}

static uint64_t reload_asked(void *server)
{
	return ((struct desk *)server)->reloads;
}

static void end_asked(void *server)
{
	((struct desk *)server)->ended++;
}

void desk_open(struct desk *desk, const char *config)
{
	memset(desk, 0, sizeof(*desk));
	floor_open(&desk->floor, DESK_WORKERS, config);
	desk->server = (struct control_server){
		.server = desk, .file = "some.cfg", .reload = reload_asked, .end = end_asked
	};
	desk->calls = (struct calls){ .bridge = desk->floor.stage->bridge,
				      .server = &desk->server,
				      .send = send_line,
				      .now_ms = desk->floor.stage->tick_ms };
	desk->floor.stage->inquired = inquired;
	desk->floor.stage->context = desk;
}

void desk_forget(struct desk *desk)
{
	while (desk->count > 0)
		json_decref(desk->lines[--desk->count]);
	desk->last = false;
}

void desk_close(struct desk *desk)
{
	desk_forget(desk);
	calls_clear(&desk->calls);
	floor_close(&desk->floor);
}

struct call *desk_begin(struct desk *desk, const char *line)
{
	char fault[REQUEST_FAULT_MAX];
	struct request request;
	struct call *call;

	desk_forget(desk);
	desk->calls.now_ms = desk->floor.stage->tick_ms;
	if (!request_read(line, strlen(line), &request, fault))
		fail_msg("%s: %s", line, fault);
	call = call_new(&desk->calls, &request, desk, 1000, 42);
	serve(call);
	return call;
}

void desk_settle(struct desk *desk)
{
	struct call *call;

	do {
		stage_settle(desk->floor.stage);
		for (call = desk->calls.first; call && !call->writing; call = call->next)
			;
		if (call)
			call_written(call);
	} while (call);
	calls_look(&desk->calls);
	calls_sweep(&desk->calls);
}

const json_t *desk_final(const struct desk *desk)
{
	assert_true(desk->last);
	return desk->lines[desk->count - 1];
}

const json_t *desk_asked(struct desk *desk, const char *line)
{
	desk_begin(desk, line);
	desk_settle(desk);
	if (!json_is_true(json_object_get(desk_final(desk), "ok")))
		fail_msg("%s: %s", line,
			 json_string_value(json_object_get(desk_final(desk), "text")));
	return json_object_get(desk_final(desk), "result");
}

void desk_refused(struct desk *desk, const char *line, const char *error, int code)
{
	desk_begin(desk, line);
	desk_settle(desk);
	assert_false(json_is_true(json_object_get(desk_final(desk), "ok")));
	assert_string_equal(json_string_value(json_object_get(desk_final(desk), "error")), error);
	assert_int_equal(json_integer_value(json_object_get(desk_final(desk), "exit")), code);
}

int64_t desk_number(const json_t *object, const char *name)
{
	assert_true(json_is_integer(json_object_get(object, name)));
	return json_integer_value(json_object_get(object, name));
}
