/* door_caller.h - one connection that asks dialects' doors on a stage, and what it is answered: for
 * the tests of doors, each of which includes it once. */
#ifndef TESTS_BRIDGE_DOORS_DOOR_CALLER_H
#define TESTS_BRIDGE_DOORS_DOOR_CALLER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bridge/core/mailbox.h"
#include "bridge/doors/doors.h"
#include "tests/bridge/doors/door_request.h"
#include "tests/support/accounts.h"
#include "tests/support/floor.h"

#define CONFIG                                                                                     \
	"listeners = ( { mounts = ( { path = \"/mixer\"; dialect = \"mixer\"; room = \"lobby\"; "  \
	"}, { path = \"/again\"; dialect = \"mixer\"; room = \"den\"; }, { path = \"/client\"; "   \
	"dialect = \"concord\"; room = \"lobby\"; } ); } );"                                       \
	"rooms = ( { name = \"lobby\"; mixer = 1; concord = 1; history = 10; }, { name = \"den\";" \
	" mixer = 2; concord = 2; open = false; } );"                                              \
	"accounts = ( { name = \"ann\"; number = 7; secret_hash = \"" HASH_RIGHT                   \
	"\"; roles = [ \"mod\" ]; } );"                                                            \
	"limits = { http_requests_per_second = 2; http_burst = 3; };"

#define AUTH_ANN "Authorization: Bearer ann:right\r\n"

/* One connection that asks: its answers, the last one as text. */
struct caller {
	struct stage *stage;
	struct visit *visits;
	uint32_t tickets;
	unsigned answers;
	uint32_t ticket; /* of the last answer */
	char said[16384];
};

static struct caller caller;

static inline void heard(void *conn, uint32_t ticket, const struct http_answer *answer)
{
	struct caller *one = conn;
	size_t len = (size_t)snprintf(one->said, sizeof(one->said), "%u", answer->status);

	assert_true(answer->header_count > 0);
	assert_true(slice_is(answer->headers[answer->header_count - 1].value, "no-store"));
	if (answer->cors)
		len += (size_t)snprintf(one->said + len, sizeof(one->said) - len, " for %.*s",
					(int)answer->cors->origin.len, answer->cors->origin.data);
	if (answer->retry_after_s)
		len += (size_t)snprintf(one->said + len, sizeof(one->said) - len, " in %u s",
					answer->retry_after_s);
	if (answer->body.len)
		snprintf(one->said + len, sizeof(one->said) - len, " %.*s", (int)answer->body.len,
			 answer->body.data);
	one->ticket = ticket;
	one->answers++;
}

static inline struct worker *worker(void)
{
	return caller.stage->bridge->workers[0];
}

static inline const struct counters *counters(void)
{
	return worker()->counters;
}

/* From 192.0.2.last; 0: loopback. */
static inline struct door_arrival arrival_from(const struct request *r, const char *body,
					       struct peer_address *peer, unsigned last)
{
	*peer = (struct peer_address){ { [10] = 0xff, 0xff, 127, 0, 0, 1 } };
	if (last)
		*peer =
		    (struct peer_address){ { [10] = 0xff, 0xff, 192, 0, 2, (unsigned char)last } };
	return (struct door_arrival){ .worker = worker(),
				      .listener = &caller.stage->bridge->listeners[0],
				      .peer = peer,
				      .request = &r->out.request,
				      .body = slice_of(body) };
}

static inline void ask_from(unsigned last, const char *line, const char *headers, const char *body)
{
	struct request *r = calloc(1, sizeof(*r));
	struct door_wire wire = { .reply = heard,
				  .conn = &caller,
				  .ticket = ++caller.tickets,
				  .visits = &caller.visits };
	struct peer_address peer;
	struct door_arrival arrival;

	request_read(r, line, headers);
	arrival = arrival_from(r, body, &peer, last);
	doors_user.call(&arrival, &wire);
	http_reader_clear(&r->reader);
	/* Nothing of it is looked at any more. */
	memset(r, 0xAA, sizeof(*r));
	free(r);
}

/* Until it is answered, by whichever thread finds it out. */
static inline void settle(unsigned answers)
{
	for (unsigned i = 0; i < 60000 && caller.answers < answers; i++) {
		stage_settle(caller.stage);
		if (caller.answers < answers)
			usleep(1000);
	}
	assert_int_equal(caller.answers, answers);
	assert_string_equal(caller.stage->fault, "");
}

static inline void ask_at(unsigned last, const char *line, const char *headers, const char *body)
{
	unsigned answers = caller.answers + 1;

	ask_from(last, line, headers, body);
	settle(answers);
}

static inline void ask(const char *line, const char *headers)
{
	ask_at(0, line, headers, "");
}

static inline void assert_said(const char *beginning)
{
	if (strncmp(caller.said, beginning, strlen(beginning)) != 0)
		print_error("%s\n", caller.said);
	assert_memory_equal(caller.said, beginning, strlen(beginning));
}

static inline void assert_has(const char *part)
{
	if (!strstr(caller.said, part))
		print_error("%s\n", caller.said);
	assert_non_null(strstr(caller.said, part));
}

static inline int open_stage(void **state)
{
	(void)state;
	caller = (struct caller){ .stage = stage_new(CONFIG, 2, STAGE_START_MS) };
	assert_non_null(caller.stage);
	return 0;
}

/* Every call has ended, once. */
static inline int close_stage(void **state)
{
	const struct counters *one = counters();

	(void)state;
	assert_null(caller.visits);
	assert_int_equal(one->calls_under_way, 0);
	assert_int_equal(one->calls, one->calls_answered + one->calls_refused + one->calls_failed +
					 one->calls_gone);
	assert_false(doors_busy(worker()));
	stage_balance(caller.stage);
	assert_string_equal(caller.stage->fault, "");
	stage_free(caller.stage);
	return 0;
}

/* In a channel of concord. */
static inline void say(const char *channel, const char *headers)
{
	char line[64];

	snprintf(line, sizeof(line), "POST /api/channels/%s/chats", channel);
	ask_from(0, line, headers, "{\"content\":\"hello\"}");
	settle(caller.tickets);
}

#endif
