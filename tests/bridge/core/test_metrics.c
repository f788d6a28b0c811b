#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/core/metrics.h"
#include "tests/support/floor.h"

/* What is printed is one line and like the pattern. */
static void prints(const struct counters *counters, struct floor *floor, const char *pattern)
{
	char *text;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	assert_non_null(stream);
	counters_print(counters, floor->stage->bridge, stream);
	fclose(stream);
	assert_ptr_equal(strchr(text, '\n'), text + size - 1);
	if (!pattern_alike(slice_of(pattern), slice_span(text, size), &floor->cast.names))
		fail_msg("printed %s not like %s", text, pattern);
	free(text);
}

static void prints_one_line_of_json(void **state)
{
	struct floor floor;
	struct counters *counters;

	(void)state;
	floor_open(&floor, 1, FLOOR_TWO_ROOMS);
	counters = counters_new();
	for (size_t r = 0; r < 2; r++)
		counters_add_room(counters, r, ((struct ledger){ .dialects = { { 0 } } }).dialects);
	counters->intake = (struct intake){
		.accepted = 15, .ordered = 6, .routed = 3, .dropped = 2, .waiting = 1
	};
	counters->intake.refused[REASON_MUTED] = 1;
	counters->intake.refused[REASON_RATE_LIMITED] = 2;
	counters->rooms[0].dialects[DIALECT_MIXER].accepted = 9;
	counters->rooms[0].dialects[DIALECT_MIXER].outcomes[OUTCOME_DELIVERED] = 4;
	counters->rooms[0].dialects[DIALECT_MIXER].outcomes[OUTCOME_DROPPED_CUT] = 2;
	counters->rooms[1].dialects[DIALECT_SIMPLE].accepted = 5;
	counters->rooms[1].dialects[DIALECT_SIMPLE].outcomes[OUTCOME_DEGRADED] = 5;
	counters->rooms[0].dialects[DIALECT_MIXER].in_flight = 3;
	counters->writes = 11;
	counters->frames_written = 12;
	counters->bytes_written = 13;
	counters->frames_received = 14;
	counters->bytes_received = 15;
	counters->bad_frames[REASON_MALFORMED] = 16;
	counters->connections_accepted = 17;
	counters->connections_open = 18;
	counters->connections_refused[REASON_NAME_TAKEN] = 19;
	counters->upgrades_refused = 20;
	counters->sessions_cut = 21;
	counters->sessions_timed_out = 22;
	counters->tls_failed = 24;
	floor.stage->bridge->refused_full = 23;
	prints(
	    counters, &floor,
	    "{\"counters\":{"
	    "\"drafts\":{\"accepted\":15,\"ordered\":6,\"unchanged\":0,\"routed\":3,\"dropped\":2,"
	    "\"refused\":{\"muted\":1,\"rate_limited\":2},\"waiting\":1},"
	    "\"deliveries\":{\"accepted\":14,\"delivered\":4,\"degraded\":5,\"refused\":0,"
	    "\"expired\":0,\"dropped\":{\"no_word\":0,\"hidden\":0,\"muted\":0,\"gone\":0,\"cut\":"
	    "2},"
	    "\"in_flight\":3},"
	    "\"dialects\":{"
	    "\"mixer\":{\"accepted\":9,\"delivered\":4,\"in_flight\":3,...},"
	    "\"concord\":{\"accepted\":0,\"in_flight\":0,...},"
	    "\"rooms\":{\"accepted\":0,...},"
	    "\"simple\":{\"accepted\":5,\"degraded\":5,\"in_flight\":0,...}},"
	    "\"rooms\":{"
	    "\"lobby\":{\"accepted\":9,\"dropped\":{\"cut\":2,...},...},"
	    "\"attic\":{\"accepted\":5,\"in_flight\":0,...}},"
	    "\"writes\":11,\"frames_written\":12,\"bytes_written\":13,"
	    "\"frames_received\":14,\"bytes_received\":15,\"bad_frames\":{\"malformed\":16},"
	    "\"connections\":{\"accepted\":17,\"open\":18,\"refused\":{\"name_taken\":19},"
	    "\"upgrades_refused\":20,\"cut\":21,\"timed_out\":22,\"turned_away\":23,"
	    "\"tls_failed\":24,...},"
	    "...}}");
	counters_free(counters);
	floor_close(&floor);
}

/* What a real conversation leaves behind adds up in print, too. */
static void prints_what_was_counted(void **state)
{
	struct floor floor;
	struct stage_client *ann;

	(void)state;
	floor_open(&floor, 2, NULL);
	ann = floor_join(&floor, "ann", DIALECT_SIMPLE, NULL);
	floor_say(ann, "{\"type\":\"send_message\",\"payload_id\":1,\"message\":\"hi\"}");
	floor_say(ann, "no json");
	prints(
	    floor_counters(&floor), &floor,
	    "{\"counters\":{"
	    "\"drafts\":{\"accepted\":2,\"ordered\":2,\"unchanged\":0,\"routed\":0,\"dropped\":0,"
	    "\"refused\":{},\"waiting\":0},"
	    "\"dialects\":{\"simple\":{\"accepted\":2,\"delivered\":2,\"in_flight\":0,...},...},"
	    "\"frames_received\":2,\"bad_frames\":{\"malformed\":1},\"frames_written\":4,"
	    "\"connections\":{\"accepted\":1,\"open\":1,"
	    "\"open_by_dialect\":{\"simple\":1},...},...}}");
	floor_close(&floor);
}

/* Of backends and taps, too, each by its name. */
static void prints_backends(void **state)
{
	struct floor floor;
	struct counters *counters;
	struct backend_ledger *ledger;

	(void)state;
	floor_open(&floor, 1,
		   FLOOR_LOBBY "backends: ( { name = \"idle\"; bind = \"ipc://i\"; },"
			       " { name = \"judge\"; bind = \"ipc://j\"; } );"
			       "taps: ( { name = \"feed\"; bind = \"ipc://f\"; } );");
	counters = counters_new();
	counters->patterns_limited = 3;
	ledger = &counters->backends[1];
	ledger->asked = 20;
	ledger->asks_under_way = 3;
	ledger->allowed = 4;
	ledger->changed = 3;
	ledger->refused = 2;
	ledger->asks_failed[POOL_EXPIRED] = 5;
	ledger->asks_failed[POOL_UNAVAILABLE] = 1;
	ledger->asks_failed[POOL_FULL] = 1;
	ledger->asks_failed[POOL_CLOSED] = 1;
	ledger->events = 9;
	ledger->events_under_way = 1;
	ledger->acknowledged = 6;
	ledger->events_failed[POOL_FULL] = 2;
	ledger->repeated = 7;
	ledger->requests = 8;
	ledger->requests_refused[REASON_BUSY] = 2;
	ledger->joined = 5;
	ledger->left = 3;
	ledger->died = 1;
	ledger->wrong[WIRE_BAD_JSON] = 11;
	ledger->not_ready = 12;
	ledger->late = 13;
	ledger->wrong_name = 16;
	ledger->too_many = 17;
	ledger->mixed_up = 18;
	ledger->errors = 14;
	ledger->keys_refused = 15;
	ledger->handshakes_failed = 19;
	counters->taps[0] = (struct tap_ledger){ .accepted = 6,
						 .handed_over = 4,
						 .dropped = 2,
						 .keys_refused = 1,
						 .handshakes_failed = 5 };
	prints(counters, &floor,
	       "{\"counters\":{\"patterns_limited\":3,\"backends\":{"
	       "\"idle\":{\"asks\":{\"accepted\":0,\"under_way\":0,...},...},"
	       "\"judge\":{\"asks\":{\"accepted\":20,\"allowed\":4,\"changed\":3,\"refused\":2,"
	       "\"expired\":5,\"unavailable\":1,\"full\":1,\"closing\":1,\"under_way\":3},"
	       "\"events\":{\"accepted\":9,\"acknowledged\":6,\"expired\":0,\"unavailable\":0,"
	       "\"full\":2,\"closing\":0,\"under_way\":1},\"repeated\":7,"
	       "\"requests\":{\"accepted\":8,\"refused\":{\"busy\":2}},"
	       "\"instances\":{\"joined\":5,\"left\":3,\"died\":1},"
	       "\"wrong\":{\"bad_json\":11,\"not_ready\":12,\"late\":13,\"wrong_name\":16,"
	       "\"too_many\":17,\"mixed_up\":18},\"errors\":14,"
	       "\"keys_refused\":15,\"handshakes_failed\":19}},"
	       "\"taps\":{\"feed\":{\"accepted\":6,\"handed_over\":4,\"dropped\":2,"
	       "\"keys_refused\":1,\"handshakes_failed\":5}},...}}");
	counters_free(counters);
	floor_close(&floor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_one_line_of_json),
		cmocka_unit_test(prints_what_was_counted),
		cmocka_unit_test(prints_backends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
