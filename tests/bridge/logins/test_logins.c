/* Who shows credentials without a session: bridge/logins/logins.h; and sessions that come in by
 * what that gave. */
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
#include "bridge/core/people/bans.h"
#include "bridge/core/post.h"
#include "bridge/logins/logins.h"
#include "bridge/logins/tokens.h"
#include "tests/support/accounts.h"
#include "tests/support/actors.h"
#include "tests/support/floor.h"

#define HASHED                                                                                     \
	"accounts = ( { name = \"ann\"; number = 7; secret_hash = \"" HASH_RIGHT                   \
	"\"; roles = \"mod\"; } );" FLOOR_LOBBY

static struct asker asker = { .kind = ASKER_BACKEND, .slot = 3, .ticket = 9 };

static struct worker *worker_of(const struct floor *floor)
{
	return floor->stage->bridge->workers[0];
}

static struct login_request request_of(struct floor *floor, const struct codec_login *login)
{
	return (struct login_request){ .mount = stage_mount(floor->stage, DIALECT_CONCORD, NULL),
				       .login = login,
				       .address = 5,
				       .address_text = "192.0.2.5" };
}

/* Until the answer is there. */
static void wait_for(struct floor *floor, struct login_result *result)
{
	struct worker *worker = worker_of(floor);
	struct post *post = NULL;
	bool done;

	for (unsigned i = 0; i < 60000 && !post; i++) {
		worker_send_mail(worker);
		post = mailbox_take(&worker->box);
		if (!post)
			usleep(1000);
	}
	assert_non_null(post);
	assert_null(post->next);
	assert_int_equal(post->kind, POST_ANSWER);
	assert_memory_equal(&post->asker, &asker, sizeof(asker));
	done = logins_answered(worker, &asker, &((struct post_answer *)post)->answer, result);
	post_free(post);
	if (!done)
		wait_for(floor, result);
}

static void ask(struct floor *floor, const struct login_request *request,
		struct login_result *result)
{
	if (!logins_ask(worker_of(floor), &asker, request, result))
		wait_for(floor, result);
}

static enum reason ask_for(struct floor *floor, const char *name, const char *secret,
			   struct login_result *result)
{
	struct codec_login login = { .name = slice_of(name), .secret = slice_of(secret) };
	struct login_request request = request_of(floor, &login);

	ask(floor, &request, result);
	return result->reason;
}

static enum reason show(struct floor *floor, const char *token, struct login_result *result)
{
	struct codec_login login = { .name = slice_of(token), .token = slice_of(token) };
	struct login_request request = request_of(floor, &login);

	ask(floor, &request, result);
	return result->reason;
}

static void issue(struct floor *floor, const char *name, const char *secret,
		  struct login_result *result)
{
	struct codec_login login = { .name = slice_of(name), .secret = slice_of(secret) };
	struct login_request request = request_of(floor, &login);

	request.issue = true;
	ask(floor, &request, result);
	assert_int_equal(result->reason, REASON_NONE);
	assert_true(token_text_is(slice_of(result->token)));
}

static void an_account_is_known_by_its_secret(void **state)
{
	struct login_result result;
	struct floor floor;

	(void)state;
	floor_open(&floor, 1, HASHED);
	assert_int_equal(ask_for(&floor, "Ann", "right", &result), REASON_NONE);
	assert_int_equal(result.way, LOGIN_ACCOUNT);
	assert_int_equal(result.person.number, 7);
	assert_true(slice_is(result.person.name, "ann"));
	assert_int_equal(result.person.roles, ROLE_USER | ROLE_MOD);
	assert_false(result.guest);
	assert_string_equal(result.token, "");
	assert_int_equal(ask_for(&floor, "ann", "wrong", &result), REASON_BAD_LOGIN);
	assert_int_equal(ask_for(&floor, "ann", NULL, &result), REASON_BAD_LOGIN);
	/* Nobody is connected by it. */
	assert_int_equal(directory_connections(floor.stage->bridge->directory, 7), 0);
	floor_close(&floor);
}

static void a_guest_keeps_the_number(void **state)
{
	struct login_result first, again, other;
	struct floor floor;

	(void)state;
	floor_open(&floor, 1, HASHED);
	assert_int_equal(show(&floor, "bob", &first), REASON_NONE);
	assert_true(first.guest);
	assert_int_equal(first.way, LOGIN_GUEST);
	assert_int_equal(show(&floor, "bob", &again), REASON_NONE);
	assert_int_equal(again.person.number, first.person.number);
	assert_memory_equal(again.person.uuid, first.person.uuid, 16);
	assert_int_equal(show(&floor, "cy", &other), REASON_NONE);
	assert_int_not_equal(other.person.number, first.person.number);
	floor_close(&floor);
}

static void a_token_is_who_it_was_issued_to(void **state)
{
	struct login_result issued, shown;
	struct floor floor;

	(void)state;
	floor_open(&floor, 1, HASHED);
	issue(&floor, "ann", "right", &issued);
	assert_int_equal(issued.expires_ms, STAGE_START_MS + UINT64_C(30) * 86400000);
	assert_int_equal(show(&floor, issued.token, &shown), REASON_NONE);
	assert_int_equal(shown.way, LOGIN_TOKEN);
	assert_int_equal(shown.person.number, 7);
	assert_int_equal(shown.person.roles, ROLE_USER | ROLE_MOD);
	assert_false(shown.guest);
	issue(&floor, "bob", NULL, &issued);
	assert_true(issued.guest);
	assert_int_equal(show(&floor, issued.token, &shown), REASON_NONE);
	assert_true(shown.guest);
	assert_int_equal(shown.person.number, issued.person.number);
	assert_true(slice_is(shown.person.name, "bob"));
	floor_close(&floor);
}

/* Neither a name that is shown, nor a guest's. */
static void what_looks_like_a_token_is_none_or_one(void **state)
{
	static const char *const texts[] = { "dgm_", "dgm_bob",
					     "dgm_0123456789abcdefghijklmnopqrstuvwxyzABCDE-_" };
	struct login_result result;
	struct floor floor;

	(void)state;
	floor_open(&floor, 1, HASHED);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(show(&floor, texts[i], &result), REASON_BAD_LOGIN);
		assert_int_equal(ask_for(&floor, texts[i], NULL, &result), REASON_BAD_LOGIN);
		assert_int_equal(ask_for(&floor, texts[i], "x", &result), REASON_BAD_LOGIN);
		assert_int_equal(ask_for(&floor, "ann", texts[i], &result), REASON_BAD_LOGIN);
	}
	assert_int_equal(floor_counters(&floor)->connections_refused[REASON_BAD_LOGIN], 12);
	floor_close(&floor);
}

static void beside_a_token_stands_its_holder_or_nobody(void **state)
{
	struct login_result issued, result;
	struct codec_login login;
	struct login_request request;
	struct floor floor;

	(void)state;
	floor_open(&floor, 1, HASHED);
	issue(&floor, "ann", "right", &issued);
	assert_int_equal(ask_for(&floor, "ANN", issued.token, &result), REASON_NONE);
	assert_int_equal(ask_for(&floor, "bob", issued.token, &result), REASON_BAD_LOGIN);
	login = (struct codec_login){ .claimed_number = 7, .secret = slice_of(issued.token) };
	request = request_of(&floor, &login);
	ask(&floor, &request, &result);
	assert_int_equal(result.reason, REASON_NONE);
	login.claimed_number = 8;
	ask(&floor, &request, &result);
	assert_int_equal(result.reason, REASON_BAD_LOGIN);
	floor_close(&floor);
}

static void it_expires_and_is_revoked(void **state)
{
	struct login_result issued, result;
	struct floor floor;

	(void)state;
	floor_open(&floor, 1, "tokens: { days = 1; };" HASHED);
	issue(&floor, "ann", "right", &issued);
	worker_of(&floor)->now_ms += 86399999;
	assert_int_equal(show(&floor, issued.token, &result), REASON_NONE);
	worker_of(&floor)->now_ms += 1;
	assert_int_equal(show(&floor, issued.token, &result), REASON_BAD_LOGIN);
	issue(&floor, "ann", "right", &issued);
	assert_true(logins_revoke(worker_of(&floor), &asker, slice_of(issued.token), &result));
	assert_int_equal(result.reason, REASON_NONE);
	assert_int_equal(show(&floor, issued.token, &result), REASON_BAD_LOGIN);
	assert_true(logins_revoke(worker_of(&floor), &asker, slice_of(issued.token), &result));
	assert_int_equal(result.reason, REASON_BAD_LOGIN);
	assert_true(logins_revoke(worker_of(&floor), &asker, SLICE("ann"), &result));
	assert_int_equal(result.reason, REASON_BAD_LOGIN);
	floor_close(&floor);
}

static void it_lasts_as_long_as_is_asked(void **state)
{
	struct codec_login login = { .name = SLICE("ann"), .secret = SLICE("right") };
	struct login_result result;
	struct login_request request;
	struct floor floor;

	(void)state;
	floor_open(&floor, 1, HASHED);
	request = request_of(&floor, &login);
	request.issue = true;
	request.lasts_ms = LOGINS_UNTIL_REVOKED;
	ask(&floor, &request, &result);
	assert_int_equal(result.expires_ms, 0);
	request.lasts_ms = 5000;
	ask(&floor, &request, &result);
	assert_int_equal(result.expires_ms, STAGE_START_MS + 5000);
	floor_close(&floor);
}

/* With the secret goes what it proved. */
static void another_secret_voids_it(void **state)
{
	struct account changed = hashed_account("ann", 7, HASH_OTHER);
	struct people_change change;
	struct login_result issued, result;
	struct floor floor;

	(void)state;
	floor_open(&floor, 1, HASHED);
	issue(&floor, "ann", "right", &issued);
	directory_put(floor.stage->bridge->directory, &changed, &change);
	people_change_clear(&change);
	assert_int_equal(show(&floor, issued.token, &result), REASON_BAD_LOGIN);
	changed = hashed_account("ann", 7, HASH_RIGHT);
	directory_put(floor.stage->bridge->directory, &changed, &change);
	people_change_clear(&change);
	assert_int_equal(show(&floor, issued.token, &result), REASON_NONE);
	directory_drop(floor.stage->bridge->directory, SLICE("ann"), &change);
	people_change_clear(&change);
	assert_int_equal(show(&floor, issued.token, &result), REASON_BAD_LOGIN);
	floor_close(&floor);
}

/* As for a session: whoever shows what is void has failed. */
static void what_is_void_counts_as_failed(void **state)
{
	struct account changed = hashed_account("ann", 7, HASH_OTHER);
	struct login_result issued, result;
	struct people_change change;
	struct floor floor;

	(void)state;
	floor_open(&floor, 1, "limits = { failed_logins = 1; };" HASHED);
	issue(&floor, "ann", "right", &issued);
	directory_put(floor.stage->bridge->directory, &changed, &change);
	people_change_clear(&change);
	assert_int_equal(show(&floor, issued.token, &result), REASON_BAD_LOGIN);
	assert_int_equal(ask_for(&floor, "ann", "other", &result), REASON_RATE_LIMITED);
	floor_close(&floor);
}

static void somebody_vouches(void **state)
{
	struct login_result result = { .person.number = 7 }, shown;
	const struct mount *mount;
	struct floor floor;

	(void)state;
	floor_open(&floor, 1, HASHED);
	mount = stage_mount(floor.stage, DIALECT_ROOMS, NULL);
	assert_true(logins_issue(worker_of(&floor), &asker, mount, LOGINS_UNTIL_REVOKED, &result));
	assert_int_equal(result.reason, REASON_NONE);
	assert_int_equal(show(&floor, result.token, &shown), REASON_NONE);
	assert_true(slice_is(shown.person.name, "ann"));
	/* And another one for who came by it. */
	assert_true(logins_issue(worker_of(&floor), &asker, mount, LOGINS_USUAL, &shown));
	assert_int_equal(shown.reason, REASON_NONE);
	assert_string_not_equal(shown.token, result.token);
	result = (struct login_result){ .person.number = 8 };
	assert_true(logins_issue(worker_of(&floor), &asker, mount, LOGINS_USUAL, &result));
	assert_int_equal(result.reason, REASON_UNKNOWN_PERSON);
	floor_close(&floor);
}

/* A guest who showed a name alone is known again by the token, and by nothing else. */
static void a_guest_without_a_secret_is_vouched_for(void **state)
{
	struct login_result result, shown, other;
	const struct mount *mount;
	struct floor floor;

	(void)state;
	floor_open(&floor, 1, HASHED);
	mount = stage_mount(floor.stage, DIALECT_ROOMS, NULL);
	assert_int_equal(ask_for(&floor, "bob", NULL, &result), REASON_NONE);
	assert_true(result.guest);
	result.kind = HOLDER_GUEST;
	other = result;
	assert_true(logins_issue(worker_of(&floor), &asker, mount, LOGINS_USUAL, &result));
	assert_int_equal(result.reason, REASON_NONE);
	assert_true(logins_issue(worker_of(&floor), &asker, mount, LOGINS_USUAL, &other));
	assert_int_equal(show(&floor, result.token, &shown), REASON_NONE);
	assert_true(slice_is(shown.person.name, "bob"));
	assert_int_equal(show(&floor, other.token, &other), REASON_NONE);
	assert_int_not_equal(shown.person.number, other.person.number);
	floor_close(&floor);
}

static void who_is_banned_is_refused(void **state)
{
	struct login_result issued, result;
	struct ban ban = { .target = "ann", .until_ms = UINT64_MAX };
	struct floor floor;

	(void)state;
	floor_open(&floor, 1, HASHED);
	issue(&floor, "ann", "right", &issued);
	ban.folded_len = name_fold(SLICE("ann"), ban.folded);
	assert_true(bans_add(floor.stage->bridge->bans, &ban, worker_of(&floor)->tick_ms));
	assert_int_equal(show(&floor, issued.token, &result), REASON_BANNED);
	assert_int_equal(ask_for(&floor, "ann", "right", &result), REASON_BANNED);
	assert_int_equal(show(&floor, "bob", &result), REASON_NONE);
	floor_close(&floor);
}

static void readers(void **state)
{
	struct codec_login login = { .anonymous = true };
	struct login_result result;
	struct login_request request;
	struct floor floor;

	(void)state;
	floor_open(&floor, 1, HASHED);
	request = request_of(&floor, &login);
	ask(&floor, &request, &result);
	assert_int_equal(result.reason, REASON_NONE);
	assert_true(result.reader);
	floor_close(&floor);
	floor_open(&floor, 1, "guests = false;" HASHED);
	request = request_of(&floor, &login);
	ask(&floor, &request, &result);
	assert_int_equal(result.reason, REASON_BAD_LOGIN);
	floor_close(&floor);
}

/* ---- guesses ---- */

static enum reason ask_by_number(struct floor *floor, uint64_t number, const char *name,
				 const char *secret, struct login_result *result)
{
	struct codec_login login = { .name = slice_of(name),
				     .secret = slice_of(secret),
				     .claimed_number = number };
	struct login_request request = request_of(floor, &login);

	ask(floor, &request, result);
	return result->reason;
}

/* Whatever the name gets: who is let in as a guest, or is somebody else, has guessed all the same.
 */
static void a_number_is_no_way_around(void **state)
{
	static const char conf[] =
	    "accounts = ( { name = \"ann\"; number = 7; secret_hash = \"" HASH_RIGHT "\"; },"
	    "{ name = \"dan\"; number = 8; secret_hash = \"" HASH_OTHER "\"; } );"
	    "limits = { failed_logins = 2; };" FLOOR_LOBBY;
	static const char *const names[] = { "guest", "dan" };
	struct login_result result;
	struct floor floor;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		floor_open(&floor, 1, conf);
		for (unsigned tries = 0; tries < 2; tries++)
			assert_int_equal(ask_by_number(&floor, 7, names[i], "wrong", &result),
					 i ? REASON_BAD_LOGIN : REASON_NONE);
		assert_int_equal(ask_by_number(&floor, 7, names[i], "right", &result),
				 REASON_RATE_LIMITED);
		assert_int_equal(ask_for(&floor, "ann", "right", &result), REASON_RATE_LIMITED);
		floor_close(&floor);
	}
}

/* Who shows no secret guesses at none, and a number and a secret are enough. */
static void a_number_beside_a_name(void **state)
{
	struct login_result result;
	struct floor floor;

	(void)state;
	floor_open(&floor, 1, "limits = { failed_logins = 1; };" HASHED);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(ask_by_number(&floor, 7, "guest", NULL, &result), REASON_NONE);
	assert_true(result.guest);
	assert_int_equal(ask_by_number(&floor, 7, "guest", "right", &result), REASON_NONE);
	assert_int_equal(result.person.number, 7);
	floor_close(&floor);
}

/* ---- sessions ---- */

static struct stage_client *comes(struct floor *floor, size_t dialect, const char *token)
{
	char text[128];
	struct stage_request request = { .mount = stage_mount(floor->stage, dialect, NULL) };
	struct slice response;
	struct stage_client *client;
	char *basic = NULL;

	snprintf(text, sizeof(text), dialect == DIALECT_SIMPLE ? "ann:%s" : "%s=%s",
		 dialect == DIALECT_SIMPLE    ? token
		 : dialect == DIALECT_CONCORD ? "token"
					      : "key",
		 token);
	if (dialect == DIALECT_SIMPLE)
		request.authorization = basic = actor_basic(text);
	else if (dialect != DIALECT_MIXER)
		request.query = text;
	client = stage_connect(floor->stage, "ann", &request, &response);
	if (dialect == DIALECT_MIXER)
		floor_say(client,
			  "{\"type\":\"method\",\"method\":\"auth\",\"arguments\":[1,7,\"%s\"],"
			  "\"id\":0}",
			  token);
	free(basic);
	return client;
}

static void sessions_come_in_by_it(void **state)
{
	struct login_result issued, result;

	(void)state;
	for (size_t d = 0; d < DIALECTS; d++) {
		struct stage_client *ann;
		struct floor floor;

		floor_open(&floor, 1, HASHED);
		issue(&floor, "ann", "right", &issued);
		ann = comes(&floor, d, issued.token);
		assert_true(ann->session && ann->session->peer.logged_in);
		assert_int_equal(ann->session->peer.self.number, 7);
		assert_false(ann->session->guest);
		assert_int_equal(floor_counters(&floor)->secrets_compared, 1);
		assert_true(
		    logins_revoke(worker_of(&floor), &asker, slice_of(issued.token), &result));
		ann = comes(&floor, d, issued.token);
		assert_true(!ann->session || !ann->session->peer.logged_in);
		floor_close(&floor);
	}
}

/* As often as they like, under the same number; whoever knows the name alone does not. */
static void a_guest_comes_in_by_it(void **state)
{
	struct stage_client *first, *second, *other;
	struct login_result issued;
	struct floor floor;

	(void)state;
	floor_open(&floor, 1, HASHED);
	issue(&floor, "bob", NULL, &issued);
	first = comes(&floor, DIALECT_CONCORD, issued.token);
	second = comes(&floor, DIALECT_ROOMS, issued.token);
	other = comes(&floor, DIALECT_ROOMS, "bob");
	assert_int_equal(first->session->peer.self.number, issued.person.number);
	assert_int_equal(second->session->peer.self.number, issued.person.number);
	assert_true(first->session->guest);
	assert_null(other->session);
	floor_close(&floor);
}

static void only_where_tokens_are_taken(void **state)
{
	struct login_result issued, result;
	struct floor floor;

	(void)state;
	floor_open(
	    &floor, 1,
	    "listeners = ( { mounts = ( { path = \"/concord\"; dialect = \"concord\"; logins "
	    "= [ \"account\", \"guest\" ]; } ); } );" HASHED);
	issue(&floor, "ann", "right", &issued);
	assert_int_equal(show(&floor, issued.token, &result), REASON_BAD_LOGIN);
	assert_int_equal(result.way, LOGIN_WAYS);
	floor_close(&floor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_account_is_known_by_its_secret),
		cmocka_unit_test(a_guest_keeps_the_number),
		cmocka_unit_test(a_token_is_who_it_was_issued_to),
		cmocka_unit_test(what_looks_like_a_token_is_none_or_one),
		cmocka_unit_test(beside_a_token_stands_its_holder_or_nobody),
		cmocka_unit_test(it_expires_and_is_revoked),
		cmocka_unit_test(it_lasts_as_long_as_is_asked),
		cmocka_unit_test(another_secret_voids_it),
		cmocka_unit_test(what_is_void_counts_as_failed),
		cmocka_unit_test(somebody_vouches),
		cmocka_unit_test(a_guest_without_a_secret_is_vouched_for),
		cmocka_unit_test(who_is_banned_is_refused),
		cmocka_unit_test(readers),
		cmocka_unit_test(a_number_is_no_way_around),
		cmocka_unit_test(a_number_beside_a_name),
		cmocka_unit_test(sessions_come_in_by_it),
		cmocka_unit_test(a_guest_comes_in_by_it),
		cmocka_unit_test(only_where_tokens_are_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
