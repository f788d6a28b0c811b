/* Logins of accounts of whose secrets hashes are kept: they wait, without anybody waiting for them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bridge/core/directory.h"
#include "bridge/reload/reload.h"
#include "bridge/secrets/checker.h"
#include "tests/support/accounts.h"
#include "tests/support/actors.h"
#include "tests/support/floor.h"

#define ACCOUNT(hash)                                                                              \
	"accounts = ( { name = \"ann\"; number = 7; secret_hash = \"" hash "\"; } );" FLOOR_LOBBY
#define MEMBERS "guests = false;" ACCOUNT(HASH_RIGHT)
#define AUTH    "{\"type\":\"method\",\"method\":\"auth\",\"arguments\":[1,7,\"%s\"],\"id\":0}"

/* What somebody shows in each dialect; what a wrong secret is answered. */
static const char *const queries[DIALECTS] = { [DIALECT_MIXER] = "name=ann",
					       [DIALECT_CONCORD] = "token=ann:%s",
					       [DIALECT_ROOMS] = "key=ann:%s" };
static const char *const refusals[DIALECTS] = { [DIALECT_CONCORD] = "HTTP/1.1 401",
						[DIALECT_ROOMS] = "HTTP/1.1 401",
						[DIALECT_SIMPLE] = "HTTP/1.1 401" };

/* ann comes, and shows a secret; it may not be compared yet. */
static struct stage_client *comes(struct floor *floor, size_t dialect, const char *secret)
{
	char query[128] = "", shown[64];
	struct stage_request request = { .mount = stage_mount(floor->stage, dialect, NULL) };
	struct slice response;
	struct stage_client *client;
	char *basic = NULL;

	snprintf(shown, sizeof(shown), "ann:%s", secret);
	if (dialect == DIALECT_SIMPLE)
		request.authorization = basic = actor_basic(shown);
	else if (dialect == DIALECT_MIXER)
		request.query = "name=ann";
	else
		snprintf(query, sizeof(query), queries[dialect], secret);
	if (*query)
		request.query = query;
	client = stage_connect(floor->stage, "ann", &request, &response);
	if (dialect == DIALECT_MIXER) {
		stage_drop_all(client);
		floor_say(client, AUTH, secret);
	}
	free(basic);
	return client;
}

/* Until all who wait have been answered. */
static void wait_for(struct floor *floor, const struct stage_client *client)
{
	for (unsigned i = 0; i < 60000 && client->session && client->session->login_asked; i++) {
		usleep(1000);
		stage_settle(floor->stage);
	}
	assert_true(!client->session || !client->session->login_asked);
}

static bool is_in(const struct stage_client *client)
{
	return client->session && client->session->peer.logged_in;
}

static void the_right_secret_comes_in(void **state)
{
	(void)state;
	for (size_t d = 0; d < DIALECTS; d++) {
		struct floor floor;
		struct stage_client *ann;

		floor_open(&floor, 2, MEMBERS);
		ann = comes(&floor, d, "right");
		if (ann->session->login_asked) {
			assert_int_equal(ann->accepted, d == DIALECT_MIXER);
			assert_true(ann->paused);
		}
		wait_for(&floor, ann);
		assert_true(is_in(ann));
		assert_true(ann->accepted);
		assert_false(ann->paused);
		assert_false(ann->session->guest);
		assert_int_equal(ann->session->peer.self.number, 7);
		if (d == DIALECT_MIXER)
			floor_hears_words(ann, "UserJoin");
		if (d == DIALECT_MIXER)
			floor_hears(&floor, ann,
				    "{\"type\":\"reply\",\"error\":null,\"id\":0,"
				    "\"data\":{\"authenticated\":true,...}}");
		assert_int_equal(floor_counters(&floor)->secrets_compared, 1);
		assert_int_equal(ann->session->under_way, 0);
		floor_close(&floor);
	}
}

static void a_wrong_secret_does_not(void **state)
{
	static const char *const wrong[] = { "wrong", HASH_RIGHT };

	(void)state;
	for (size_t i = 0; i < DIALECTS * 2; i++) {
		size_t d = i / 2;
		struct floor floor;
		struct stage_client *ann;

		/* In a query, reserved characters would be encoded. */
		if (i % 2 && d != DIALECT_MIXER && d != DIALECT_SIMPLE)
			continue;
		floor_open(&floor, 2, MEMBERS);
		ann = comes(&floor, d, wrong[i % 2]);
		wait_for(&floor, ann);
		assert_false(is_in(ann));
		if (d == DIALECT_MIXER)
			floor_hears(&floor, ann,
				    "{\"type\":\"reply\",\"error\":\"UNOTFOUND\",\"id\":0}");
		else
			assert_true(slice_starts_with(ann->refusal, refusals[d]));
		assert_int_equal(floor_counters(&floor)->secrets_compared, 1);
		assert_int_equal(floor_counters(&floor)->connections_refused[REASON_BAD_LOGIN], 1);
		floor_close(&floor);
	}
}

/* Three times, as with other accounts. */
static void failures_are_counted(void **state)
{
	struct floor floor;
	struct stage_client *ann;

	(void)state;
	floor_open(&floor, 1, MEMBERS);
	ann = comes(&floor, DIALECT_MIXER, "wrong");
	wait_for(&floor, ann);
	for (unsigned i = 0; i < 2; i++) {
		floor_say(ann, AUTH, "wrong");
		wait_for(&floor, ann);
	}
	assert_int_equal(ann->close_code, 1008);
	floor_close(&floor);
}

static void who_comes_back_need_not_wait(void **state)
{
	struct floor floor;
	struct stage_client *ann;

	(void)state;
	floor_open(&floor, 2, MEMBERS);
	wait_for(&floor, comes(&floor, DIALECT_MIXER, "right"));
	for (size_t d = 0; d < DIALECTS; d++) {
		ann = comes(&floor, d, "right");
		assert_true(d == DIALECT_SIMPLE ? !ann->session : is_in(ann));
	}
	ann = comes(&floor, DIALECT_CONCORD, "wrong");
	wait_for(&floor, ann);
	assert_false(is_in(ann));
	assert_int_equal(floor_counters(&floor)->secrets_compared, 2);
	assert_int_equal(floor_counters(&floor)->secrets_known, DIALECTS);
	/* simple lets a name in once. */
	assert_int_equal(floor_counters(&floor)->connections_refused[REASON_NAME_TAKEN], 1);
	floor_close(&floor);
}

static void who_is_unknown_waits_as_well(void **state)
{
	struct floor floor;
	struct stage_client *zoe;

	(void)state;
	floor_open(&floor, 1, MEMBERS);
	zoe = floor_connect(&floor, "zoe", DIALECT_CONCORD, "token=zoe:right");
	wait_for(&floor, zoe);
	assert_false(is_in(zoe));
	assert_int_equal(floor_counters(&floor)->secrets_compared, 1);
	floor_close(&floor);
}

static void guests_do_not_wait(void **state)
{
	struct floor floor;

	(void)state;
	floor_open(&floor, 2, ACCOUNT(HASH_RIGHT));
	floor_join(&floor, "bob", DIALECT_MIXER, "1234:own");
	floor_join(&floor, "bob", DIALECT_CONCORD, "bob:own");
	floor_join(&floor, "cat", DIALECT_ROOMS, "cat:own");
	floor_join(&floor, "dan", DIALECT_SIMPLE, "dan:own");
	assert_int_equal(floor_counters(&floor)->secrets_compared, 0);
	floor_close(&floor);
}

/* The answer comes to nobody. */
static void many_leave_before_they_are_answered(void **state)
{
	struct floor floor;

	(void)state;
	floor_open(&floor, 2, MEMBERS);
	for (unsigned i = 0; i < 200; i++) {
		struct stage_client *ann = comes(&floor, i % DIALECTS, i % 3 ? "wrong" : "right");

		if (i % 2)
			usleep(i * 10 % 500);
		if (ann->session)
			stage_leave(ann);
	}
	floor_close(&floor);
}

/* When the server has too much to do, it says so in each dialect's words. */
static void too_many_are_sent_away(void **state)
{
	(void)state;
	for (size_t d = 0; d < DIALECTS; d++) {
		struct floor floor;
		struct stage_client *ann;

		floor_open(&floor, 1, MEMBERS);
		checker_stop(floor.stage->bridge->checker);
		ann = comes(&floor, d, "right");
		assert_false(is_in(ann));
		if (d == DIALECT_MIXER) {
			floor_hears_words(ann, "overloaded");
			assert_int_equal(ann->session->under_way, 0);
		} else {
			assert_true(slice_starts_with(ann->refusal, "HTTP/1.1 503"));
		}
		assert_int_equal(floor_counters(&floor)->connections_refused[REASON_BUSY], 1);
		floor_close(&floor);
	}
}

/* A reload while the secret is compared with the hash that holds no more. */
static void reload_while_it_waits(const char *config, bool comes_in, unsigned compared)
{
	char *folder = floor_folder(), path[256];
	struct floor floor;
	struct stage_client *ann;

	floor_file(folder, "r.cfg", config, 0600);
	snprintf(path, sizeof(path), "%s/r.cfg", folder);
	floor_open(&floor, 2, MEMBERS);
	floor_hold(&floor);
	ann = comes(&floor, DIALECT_CONCORD, "right");
	assert_true(ann->session->login_asked);
	assert_true(reload(floor.stage->bridge, path, stderr));
	floor_go(&floor);
	wait_for(&floor, ann);
	assert_int_equal(is_in(ann), comes_in);
	assert_int_equal(floor_counters(&floor)->secrets_compared, compared);
	floor_close(&floor);
	floor_folder_remove(folder);
}

#define WITHOUT_ACCOUNTS "guests = false;" FLOOR_LOBBY

static void a_reload_counts_at_once(void **state)
{
	(void)state;
	reload_while_it_waits("guests = false;" ACCOUNT(HASH_RIGHT), true, 1);
	reload_while_it_waits("guests = false;" ACCOUNT(HASH_AGAIN), true, 2);
	reload_while_it_waits("guests = false;" ACCOUNT(HASH_OTHER), false, 2);
	reload_while_it_waits(WITHOUT_ACCOUNTS, false, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_right_secret_comes_in),
		cmocka_unit_test(a_wrong_secret_does_not),
		cmocka_unit_test(failures_are_counted),
		cmocka_unit_test(who_comes_back_need_not_wait),
		cmocka_unit_test(who_is_unknown_waits_as_well),
		cmocka_unit_test(guests_do_not_wait),
		cmocka_unit_test(many_leave_before_they_are_answered),
		cmocka_unit_test(too_many_are_sent_away),
		cmocka_unit_test(a_reload_counts_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
