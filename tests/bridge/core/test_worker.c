#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/client/life.h"
#include "bridge/core/directory.h"
#include "bridge/turn.h"
#include "tests/support/actors.h"
#include "tests/support/floor.h"

/* A connection that takes everything and remembers nothing. */
static bool sink_write(void *conn, const unsigned char *bytes, size_t len, bool *complete)
{
	(void)conn;
	(void)bytes;
	(void)len;
	*complete = true;
	return true;
}

static void sink_close(void *conn, enum close_reason why)
{
	(void)why;
	++*(unsigned *)conn;
}

static void sink_kill(void *conn)
{
	(void)conn;
}

static void sink_pause(void *conn, bool paused)
{
	(void)conn;
	(void)paused;
}

static uint64_t sink_silent_ms(void *conn)
{
	(void)conn;
	return 0;
}

static char *sink_address(void *conn, char out[ADDRESS_TEXT_MAX])
{
	(void)conn;
	return strcpy(out, "192.0.2.1");
}

static void sink_accept(void *conn, bool more)
{
	(void)conn;
	(void)more;
}

static const struct transport sink = { .accept = sink_accept,
				       .write = sink_write,
				       .close = sink_close,
				       .kill = sink_kill,
				       .pause = sink_pause,
				       .silent_ms = sink_silent_ms,
				       .address = sink_address };

static struct session *session_sunk(struct floor *floor, unsigned *closes)
{
	return life_begin(floor->stage->bridge->workers[0],
			  stage_mount(floor->stage, DIALECT_MIXER, NULL), 0, &sink, closes);
}

/* ---- slots ---- */

static void refs_name_sessions(void **state)
{
	struct floor floor;
	struct worker *worker;
	struct session *one, *other;
	struct session_ref ref;
	unsigned closes = 0;

	(void)state;
	floor_open(&floor, 2, NULL);
	worker = floor.stage->bridge->workers[0];
	assert_null(session_find(worker, (struct session_ref){ 0 }));
	one = session_sunk(&floor, &closes);
	other = session_sunk(&floor, &closes);
	assert_int_equal(worker->session_count, 2);
	assert_ptr_equal(session_find(worker, one->ref), one);
	assert_ptr_equal(session_find(worker, other->ref), other);
	assert_memory_not_equal(&one->ref, &other->ref, sizeof(one->ref));
	/* Another worker's, a slot that is not, another generation, none at all. */
	assert_null(session_find(floor.stage->bridge->workers[1], one->ref));
	ref = one->ref;
	ref.worker = 1;
	assert_null(session_find(worker, ref));
	ref = one->ref;
	ref.slot = UINT32_MAX;
	assert_null(session_find(worker, ref));
	ref = one->ref;
	ref.generation++;
	assert_null(session_find(worker, ref));
	assert_null(session_find(worker, (struct session_ref){ 0 }));
	life_gone(one);
	life_gone(other);
	floor_close(&floor);
}

static void refs_go_stale(void **state)
{
	struct floor floor;
	struct worker *worker;
	struct session *session;
	struct session_ref old;
	unsigned closes = 0;

	(void)state;
	floor_open(&floor, 1, NULL);
	worker = floor.stage->bridge->workers[0];
	session = session_sunk(&floor, &closes);
	old = session->ref;
	life_gone(session);
	/* At once, though it is freed at the end of the turn only. */
	assert_null(session_find(worker, old));
	assert_int_equal(worker->session_count, 1);
	turn_run(worker);
	assert_int_equal(worker->session_count, 0);
	assert_null(session_find(worker, old));
	for (unsigned i = 0; i < 5; i++) {
		session = session_sunk(&floor, &closes);
		assert_int_equal(session->ref.slot, old.slot); /* used again */
		assert_int_not_equal(session->ref.generation, old.generation);
		assert_null(session_find(worker, old));
		assert_ptr_equal(session_find(worker, session->ref), session);
		life_gone(session);
		turn_run(worker);
	}
	floor_close(&floor);
}

static void slots_grow(void **state)
{
	enum { MANY = 1000 };
	static struct session *sessions[MANY];
	struct floor floor;
	struct worker *worker;
	unsigned closes = 0;

	(void)state;
	floor_open(&floor, 1, NULL);
	worker = floor.stage->bridge->workers[0];
	for (size_t i = 0; i < MANY; i++)
		sessions[i] = session_sunk(&floor, &closes);
	for (size_t i = 0; i < MANY; i++)
		assert_ptr_equal(session_find(worker, sessions[i]->ref), sessions[i]);
	for (size_t i = 0; i < MANY; i += 2)
		life_gone(sessions[i]);
	turn_run(worker);
	assert_int_equal(worker->session_count, MANY / 2);
	for (size_t i = 0; i < MANY; i += 2)
		sessions[i] = session_sunk(&floor, &closes);
	for (size_t i = 0; i < MANY; i++)
		assert_ptr_equal(session_find(worker, sessions[i]->ref), sessions[i]);
	for (size_t i = 0; i < MANY; i++)
		life_gone(sessions[i]);
	floor_close(&floor);
}

/* Mail to a session that is gone, or to whoever has its slot now, reaches nobody. */
static void mail_to_the_dead_is_lost(void **state)
{
	struct floor floor;
	struct stage_client *bob, *dee, *eve;
	struct room_entry *lobby;
	struct post_entered *entered;
	struct session_ref late;

	(void)state;
	floor_open(&floor, 2, NULL);
	lobby = room_table_at(floor.stage->bridge->rooms, 0);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	dee = floor_join(&floor, "dee", DIALECT_SIMPLE, NULL);
	late = dee->session->ref;
	late.generation--;
	for (enum answer_kind kind = ANSWER_DONE; kind <= ANSWER_LOGIN; kind++) {
		struct asker asker = asker_of_session(late, 0);
		struct answer answer = { .kind = kind, .room = lobby };

		answer.event = envelope_seal(&(struct envelope){ .kind = KIND_MESSAGE });
		worker_answer(bob->worker, &asker, &answer);
	}
	entered = post_new(POST_ENTERED);
	entered->post.asker = asker_of_session(late, 0);
	entered->room = lobby;
	entered->event = envelope_seal(&(struct envelope){ .kind = KIND_ENTER });
	worker_post(bob->worker, dee->worker->index, &entered->post);
	stage_settle(floor.stage);
	floor_hears_nothing(dee);
	floor_hears_nothing(bob);
	stage_leave(dee);
	eve = floor_join(&floor, "eve", DIALECT_SIMPLE, NULL);
	assert_int_equal(eve->session->under_way, 0);
	floor_close(&floor);
}

/* ---- mail ---- */

static void posts_wait_for_the_turn(void **state)
{
	struct floor floor;
	struct worker *worker;

	(void)state;
	floor_open(&floor, 2, NULL);
	worker = floor.stage->bridge->workers[0];
	worker_post(worker, 0, post_new(POST_STOP));
	assert_false(worker->stopped);
	turn_run(worker);
	assert_true(worker->stopped);
	worker_post(worker, 1, post_new(POST_STOP));
	turn_run(floor.stage->bridge->workers[1]);
	assert_false(floor.stage->bridge->workers[1]->stopped);
	turn_run(worker);
	turn_run(floor.stage->bridge->workers[1]);
	assert_true(floor.stage->bridge->workers[1]->stopped);
	floor_close(&floor);
}

static void count_wake(void *data)
{
	++*(unsigned *)data;
}

/* However many there are in a turn; but who is sent very many may begin early. */
static void a_turn_wakes_another_once(void **state)
{
	struct floor floor;
	struct worker *worker, *other;
	unsigned wakes = 0;

	(void)state;
	floor_open(&floor, 2, NULL);
	worker = floor.stage->bridge->workers[0];
	other = floor.stage->bridge->workers[1];
	other->box.wake = count_wake;
	other->box.owner = &wakes;
	for (unsigned i = 0; i < 63; i++)
		worker_post(worker, 1, post_new(POST_DRAINED));
	assert_int_equal(wakes, 0);
	worker_post(worker, 1, post_new(POST_DRAINED));
	assert_int_equal(wakes, 1);
	worker_post(worker, 1, post_new(POST_DRAINED));
	turn_run(worker);
	assert_int_equal(wakes, 1);
	turn_run(other);
	worker_post(worker, 1, post_new(POST_DRAINED));
	worker_post(worker, 1, post_new(POST_DRAINED));
	turn_run(worker);
	assert_int_equal(wakes, 2);
	other->box.wake = NULL;
	floor_close(&floor);
}

static int adopted[3];
static size_t adopted_count;

static void note_socket(struct worker *worker, struct post *post)
{
	struct post_socket *socket = (struct post_socket *)post;

	(void)worker;
	adopted[adopted_count++] = socket->fd;
	socket->fd = -1;
}

static void sockets_are_adopted_in_order(void **state)
{
	struct floor floor;
	struct worker *worker;

	(void)state;
	floor_open(&floor, 1, NULL);
	worker = floor.stage->bridge->workers[0];
	worker->adopt = note_socket;
	for (int fd = 1000; fd < 1003; fd++) {
		struct post_socket *post = post_new(POST_SOCKET);

		post->fd = fd;
		mailbox_post(&worker->box, &post->post);
	}
	turn_run(worker);
	assert_int_equal(adopted_count, 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(adopted[i], 1000 + i);
	floor_close(&floor);
}

static void a_report_is_a_copy(void **state)
{
	struct floor floor;
	struct stage_client *bob;
	struct worker *worker;
	struct counters *counters;
	struct post *post;

	(void)state;
	floor_open(&floor, 1, NULL);
	worker = floor.stage->bridge->workers[0];
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	mailbox_post(&worker->box, post_new(POST_REPORT));
	turn_run(worker);
	post = mailbox_take(&floor.stage->bridge->main_box);
	assert_non_null(post);
	assert_int_equal(post->kind, POST_REPORTED);
	assert_null(post->next);
	counters = ((struct post_reported *)post)->counters;
	assert_ptr_not_equal(counters, worker->counters);
	assert_int_equal(counters->room_count, 1);
	assert_int_equal(counters->connections_accepted, 1);
	assert_int_equal(counters->rooms[0].dialects[DIALECT_SIMPLE].accepted, 1);
	actor_says(bob, "hi");
	assert_int_equal(counters->rooms[0].dialects[DIALECT_SIMPLE].accepted, 1);
	post_free(post);
	floor_close(&floor);
}

/* ---- draining ---- */

/* Counts the posts of a kind in main's box, and frees all that is there. */
static size_t main_got(struct floor *floor, enum post_kind kind)
{
	struct post *post = mailbox_take(&floor->stage->bridge->main_box);
	size_t count = 0;

	while (post) {
		struct post *next = post->next;

		count += post->kind == kind;
		post_free(post);
		post = next;
	}
	return count;
}

static void draining_closes_everybody(void **state)
{
	struct floor floor;
	struct stage_client *people[DIALECTS], *slow;
	struct worker *worker;

	(void)state;
	floor_open(&floor, 1, NULL);
	worker = floor.stage->bridge->workers[0];
	for (size_t d = 0; d < DIALECTS; d++) {
		char name[8];

		snprintf(name, sizeof(name), "p%zu", d);
		people[d] = floor_join(&floor, name, d, NULL);
	}
	slow = floor_join(&floor, "slow", DIALECT_CONCORD, NULL);
	slow->stalled = true;
	actor_says(people[DIALECT_SIMPLE], "hi");
	floor_forget(&floor);
	mailbox_post(&worker->box, post_new(POST_DRAIN));
	turn_run(worker);
	assert_int_equal(main_got(&floor, POST_DRAINED), 0);
	for (size_t d = 0; d < DIALECTS; d++)
		assert_int_equal(people[d]->close_code, 1001);
	assert_int_equal(slow->close_code, 0);
	stage_settle(floor.stage);
	assert_int_equal(worker->session_count, 1);
	stage_resume(slow);
	assert_int_equal(slow->close_code, 1001);
	assert_int_equal(worker->session_count, 0);
	floor_close(&floor);
}

static void drained_is_told_once(void **state)
{
	struct floor floor;
	struct stage_client *bob;
	struct worker *worker;

	(void)state;
	floor_open(&floor, 1, NULL);
	worker = floor.stage->bridge->workers[0];
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	turn_run(worker);
	assert_int_equal(main_got(&floor, POST_DRAINED), 0);
	mailbox_post(&worker->box, post_new(POST_DRAIN));
	turn_run(worker);
	assert_int_equal(main_got(&floor, POST_DRAINED), 0);
	life_gone(bob->session);
	bob->session = NULL;
	turn_run(worker);
	assert_int_equal(main_got(&floor, POST_DRAINED), 1);
	turn_run(worker);
	assert_int_equal(main_got(&floor, POST_DRAINED), 0);
	floor_close(&floor);
}

/* Nobody there at all: it is over at once. */
static void an_empty_worker_is_drained_at_once(void **state)
{
	struct floor floor;
	struct worker *worker;

	(void)state;
	floor_open(&floor, 1, NULL);
	worker = floor.stage->bridge->workers[0];
	mailbox_post(&worker->box, post_new(POST_DRAIN));
	turn_run(worker);
	assert_int_equal(main_got(&floor, POST_DRAINED), 1);
	floor_close(&floor);
}

static void who_comes_while_draining_is_refused(void **state)
{
	struct floor floor;
	struct worker *worker;

	(void)state;
	floor_open(&floor, 1, NULL);
	worker = floor.stage->bridge->workers[0];
	mailbox_post(&worker->box, post_new(POST_DRAIN));
	turn_run(worker);
	floor_refused(&floor, DIALECT_CONCORD, "bob", "503");
	assert_int_equal(floor_counters(&floor)->intake.accepted, 0);
	floor_close(&floor);
}

/* ---- the end ---- */

/* A worker that is freed takes sessions, mail and rooms along; the sanitizers see what it leaves.
 */
static void freeing_leaves_nothing(void **state)
{
	struct floor floor;
	struct stage_client *bob;

	(void)state;
	floor_open(&floor, 2, NULL);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	floor_join(&floor, "cy", DIALECT_CONCORD, NULL)->stalled = true;
	actor_says(bob, "hi");
	floor_hold(&floor);
	actor_says(bob, "ho");
	floor_say(bob, "bad");
	assert_string_equal(floor.stage->fault, "");
	stage_free(floor.stage);
	turn_worker_free(NULL);
}

/* Sessions are looked after once a second, however often the clock ticks. */
static unsigned asked;

static uint64_t count_silence(void *conn)
{
	(void)conn;
	asked++;
	return 0;
}

static void sessions_tick_once_a_second(void **state)
{
	struct floor floor;
	struct transport counting = sink;
	struct session *session;
	struct worker *worker;
	unsigned closes = 0;

	(void)state;
	counting.silent_ms = count_silence;
	floor_open(&floor, 1,
		   FLOOR_LOBBY "limits = { login_seconds = 60; ping_seconds = 1;"
			       " idle_seconds = 2; };");
	worker = floor.stage->bridge->workers[0];
	session = life_begin(worker, stage_mount(floor.stage, DIALECT_MIXER, NULL), 0, &counting,
			     &closes);
	life_handshake(session, &(struct codec_handshake){ .path = SLICE("/chat") });
	stage_wait(floor.stage, 5000);
	asked = 0;
	stage_wait(floor.stage, 10000);
	assert_in_range(asked, 1, 10);
	assert_int_equal(closes, 0);
	life_gone(session);
	floor_close(&floor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refs_name_sessions),
		cmocka_unit_test(refs_go_stale),
		cmocka_unit_test(slots_grow),
		cmocka_unit_test(mail_to_the_dead_is_lost),
		cmocka_unit_test(posts_wait_for_the_turn),
		cmocka_unit_test(a_turn_wakes_another_once),
		cmocka_unit_test(sockets_are_adopted_in_order),
		cmocka_unit_test(a_report_is_a_copy),
		cmocka_unit_test(draining_closes_everybody),
		cmocka_unit_test(drained_is_told_once),
		cmocka_unit_test(an_empty_worker_is_drained_at_once),
		cmocka_unit_test(who_comes_while_draining_is_refused),
		cmocka_unit_test(freeing_leaves_nothing),
		cmocka_unit_test(sessions_tick_once_a_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
