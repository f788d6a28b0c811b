#include "bridge/audit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/client/session.h"
#include "bridge/core/counters.h"
#include "bridge/turn.h"
#include "tests/support/floor.h"

#define CONFIG                                                                                     \
	FLOOR_LOBBY                                                                                \
	"limits = {" FLOOR_NO_RATE " };"                                                           \
	"backends = ( { name = \"judge\"; bind = \"ipc:///x\"; } );"

/* ann talks all the time; bob reads nothing, so that much is in flight. */
struct load {
	struct floor floor;
	struct stage_client *ann, *bob;
	struct worker *worker; /* bob's */
	struct tally *tally;   /* of those who speak as bob does, there */
};

static void load_say(struct load *load, const char *text)
{
	floor_say(load->ann, "{\"type\":\"send_message\",\"payload_id\":1,\"message\":\"%s\"}",
		  text);
	stage_settle(load->floor.stage);
}

static void load_open(struct load *load, unsigned workers)
{
	floor_open(&load->floor, workers, CONFIG);
	load->ann = floor_join(&load->floor, "ann", DIALECT_SIMPLE, NULL);
	load->bob = floor_join(&load->floor, "bob", DIALECT_SIMPLE, NULL);
	load->bob->stalled = true;
	load->worker = load->bob->worker;
	load->tally =
	    &room_share(load->worker, load->bob->session->mount->room)->tallies[DIALECT_SIMPLE];
	for (int i = 0; i < 3; i++)
		load_say(load, "hello");
	assert_true(load->tally->in_flight >= 3);
	assert_null(audit_worker(load->worker));
}

/* What was planted is undone by now. */
static void load_close(struct load *load)
{
	assert_null(audit_worker(load->worker));
	stage_resume(load->bob);
	load_say(load, "still here");
	floor_close(&load->floor);
}

/* The talk goes on: the replay looks after every turn. What it found is forgotten. */
static void finds(struct load *load, const char *what)
{
	assert_string_equal(audit_worker(load->worker), what);
	assert_string_equal(load->floor.stage->fault, "");
	load_say(load, "and on");
	assert_non_null(strstr(load->floor.stage->fault, what));
	load->floor.stage->fault[0] = 0;
}

static void an_event_that_is_lost_in_an_outbox_is_found(void **state)
{
	struct load load;
	struct outbox_entry *entry;

	(void)state;
	for (unsigned workers = 1; workers <= 2; workers++) {
		load_open(&load, workers);
		entry = &load.bob->session->outbox.entries[load.bob->session->outbox.first];
		assert_non_null(entry->tally);
		entry->tally = NULL;
		finds(&load, "deliveries: in_flight is not what is in the outboxes");
		load.bob->session->outbox.entries[load.bob->session->outbox.first].tally =
		    load.tally;
		load_close(&load);
	}
}

static void an_event_that_a_member_is_not_given_is_found(void **state)
{
	struct load load;

	(void)state;
	load_open(&load, 1);
	load.bob->session->batched = UINT64_MAX;
	load_say(&load, "not for bob");
	assert_string_equal(
	    load.floor.stage->fault,
	    "counters: deliveries: accepted is not outcomes and in_flight together");
	load.floor.stage->fault[0] = 0;
	load.bob->session->batched = 0;
	load.tally->accepted--;
	load_close(&load);
}

static void an_event_that_is_counted_twice_is_found(void **state)
{
	struct load load;

	(void)state;
	for (unsigned workers = 1; workers <= 2; workers++) {
		load_open(&load, workers);
		load.tally->outcomes[OUTCOME_DELIVERED]++;
		finds(&load, "deliveries: accepted is not outcomes and in_flight together");
		load.tally->outcomes[OUTCOME_DELIVERED]--;
		load_close(&load);
	}
}

static void drafts_that_are_lost_or_counted_twice_are_found(void **state)
{
	static const char what[] = "drafts: accepted is not outcomes and waiting together";
	struct load load;
	struct intake *intake;

	(void)state;
	load_open(&load, 2);
	intake = &load.worker->counters->intake;
	intake->ordered++;
	finds(&load, what);
	intake->ordered--;
	intake->waiting--;
	finds(&load, what);
	intake->waiting++;
	load_close(&load);
}

static void what_backends_lose_is_found(void **state)
{
	static const char what[] = "backends: accepted is not outcomes and under_way together";
	struct load load;
	struct backend_ledger *ledger;

	(void)state;
	load_open(&load, 1);
	ledger = &load.worker->counters->backends[0];
	ledger->asked++;
	finds(&load, what);
	ledger->asks_under_way++;
	assert_null(audit_worker(load.worker));
	ledger->acknowledged++;
	finds(&load, what);
	ledger->events++;
	ledger->asked = ledger->asks_under_way = 0;
	load_close(&load);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* which abort() then */
static void a_running_server_says_so(void **state)
{
	static const char what[] = "deliveries: accepted is not outcomes and in_flight together";
	struct load load;
	const struct worker *worker;

	(void)state;
	load_open(&load, 1);
	worker = load.worker;
	stage_wait(load.floor.stage, 6000);
	assert_null(worker->books_wrong);
	assert_int_equal(worker->counters->books_wrong, 0);
	load.tally->outcomes[OUTCOME_DELIVERED]++;
	stage_wait(load.floor.stage, 6000);
	assert_string_equal(worker->books_wrong, what);
	assert_int_equal(worker->counters->books_wrong, 1);
	load.floor.stage->fault[0] = 0;
	load.tally->outcomes[OUTCOME_DELIVERED]--;
	stage_wait(load.floor.stage, 6000);
	assert_null(worker->books_wrong);
	load.floor.stage->fault[0] = 0;
	load_close(&load);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_event_that_is_lost_in_an_outbox_is_found),
		cmocka_unit_test(an_event_that_a_member_is_not_given_is_found),
		cmocka_unit_test(an_event_that_is_counted_twice_is_found),
		cmocka_unit_test(drafts_that_are_lost_or_counted_twice_are_found),
		cmocka_unit_test(what_backends_lose_is_found),
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
		cmocka_unit_test(a_running_server_says_so),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
