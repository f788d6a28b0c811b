/* Sockets of one loop: who is told, in which order, and who is told no more. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <cmocka.h>

#include "bridge/net/socket_poll.h"

#define PAIRS 3

/* One of ours, and the peer's end. */
struct end {
	struct socket_poll poll;
	int peer;
	int readable, writable, broken; /* how often it was told */
	char got[32];
	struct end *closes; /* by whom it is closed when it can be read */
};

static struct fixture {
	uv_loop_t loop;
	struct socket_polls *polls;
	struct end ends[PAIRS];
} f;

static struct end *end_of(struct socket_poll *poll)
{
	return (struct end *)(void *)poll;
}

static void on_readable(struct socket_poll *poll)
{
	struct end *end = end_of(poll);
	ssize_t len = recv(poll->fd, end->got, sizeof(end->got) - 1, 0);

	end->readable++;
	end->got[len > 0 ? len : 0] = '\0';
	if (end->closes)
		socket_poll_close(&end->closes->poll);
}

static void on_writable(struct socket_poll *poll)
{
	struct end *end = end_of(poll);

	end->writable++;
	if (end->closes)
		socket_poll_close(&end->closes->poll);
}

static void on_broken(struct socket_poll *poll)
{
	end_of(poll)->broken++;
	socket_poll_close(poll);
}

static const struct socket_poll_ops ops = { .readable = on_readable,
					    .writable = on_writable,
					    .broken = on_broken };

static int set_up(void **state)
{
	(void)state;
	f = (struct fixture){ 0 };
	assert_int_equal(uv_loop_init(&f.loop), 0);
	f.polls = socket_polls_new(&f.loop, &ops);
	assert_non_null(f.polls);
	for (size_t i = 0; i < PAIRS; i++) {
		int pair[2];

		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
		assert_true(socket_poll_open(f.polls, &f.ends[i].poll, pair[0]));
		f.ends[i].peer = pair[1];
	}
	return 0;
}

static void turn(void)
{
	uv_run(&f.loop, UV_RUN_NOWAIT);
}

/* Whoever is still open is told that it is broken. */
static int tear_down(void **state)
{
	(void)state;
	socket_polls_close(f.polls);
	for (size_t i = 0; i < PAIRS; i++)
		if (f.ends[i].peer >= 0)
			close(f.ends[i].peer);
	for (int i = 0; i < 10; i++)
		turn();
	assert_int_equal(uv_loop_close(&f.loop), 0);
	return 0;
}

static void say(size_t which, const char *text)
{
	assert_int_equal(send(f.ends[which].peer, text, strlen(text), 0), (ssize_t)strlen(text));
}

static void hang_up(size_t which)
{
	close(f.ends[which].peer);
	f.ends[which].peer = -1;
}

static void what_comes_is_told_to_its_own(void **state)
{
	(void)state;
	say(1, "hello");
	turn();
	assert_int_equal(f.ends[0].readable, 0);
	assert_int_equal(f.ends[1].readable, 1);
	assert_string_equal(f.ends[1].got, "hello");
	turn();
	assert_int_equal(f.ends[1].readable, 1);
}

static void who_is_closed_is_told_nothing_even_in_the_same_round(void **state)
{
	(void)state;
	/* Whoever is first closes the other one. */
	f.ends[0].closes = &f.ends[1];
	f.ends[1].closes = &f.ends[0];
	say(0, "a");
	say(1, "b");
	turn();
	assert_int_equal(f.ends[0].readable + f.ends[1].readable, 1);
	turn();
	assert_int_equal(f.ends[0].readable + f.ends[1].readable, 1);
}

/* As one that a process inherits between its beginning and its program. */
static void who_is_closed_is_told_nothing_while_a_copy_is_open(void **state)
{
	int copy = dup(f.ends[0].poll.fd);

	(void)state;
	assert_true(copy >= 0);
	socket_poll_close(&f.ends[0].poll);
	say(0, "a");
	turn();
	assert_int_equal(f.ends[0].readable, 0);
	close(copy);
}

static void what_cannot_be_watched_is_not_said_to_be(void **state)
{
	struct socket_poll *poll = &f.ends[0].poll, other;
	int file = open("/dev/null", O_RDONLY | O_CLOEXEC), kept = dup(poll->fd);

	(void)state;
	assert_true(file >= 0 && kept >= 0);
	socket_poll_read(poll, false);
	/* epoll takes no such files. */
	assert_int_equal(dup2(file, poll->fd), poll->fd);
	socket_poll_read(poll, true);
	assert_false(poll->watched);
	assert_int_equal(dup2(kept, poll->fd), poll->fd);
	socket_poll_write(poll);
	assert_true(poll->watched);
	turn();
	assert_int_equal(f.ends[0].writable, 1);
	assert_false(socket_poll_open(f.polls, &other, file));
	assert_false(other.watched);
	close(kept);
}

static void who_closes_itself_on_writing_is_not_told_to_read(void **state)
{
	(void)state;
	f.ends[0].closes = &f.ends[0];
	socket_poll_write(&f.ends[0].poll);
	say(0, "a");
	turn();
	assert_int_equal(f.ends[0].writable, 1);
	assert_int_equal(f.ends[0].readable, 0);
}

static void writing_is_told_once_and_before_reading(void **state)
{
	(void)state;
	socket_poll_write(&f.ends[0].poll);
	socket_poll_write(&f.ends[0].poll);
	turn();
	turn();
	assert_int_equal(f.ends[0].writable, 1);
	socket_poll_write(&f.ends[0].poll);
	turn();
	assert_int_equal(f.ends[0].writable, 2);
}

static void who_reads_no_more_is_told_again_when_it_does(void **state)
{
	(void)state;
	socket_poll_read(&f.ends[0].poll, false);
	say(0, "later");
	turn();
	assert_int_equal(f.ends[0].readable, 0);
	socket_poll_read(&f.ends[0].poll, true);
	turn();
	assert_string_equal(f.ends[0].got, "later");
}

/* A set that holds a socket whose end nobody wants to hear of is always ready. */
static void the_end_of_one_that_reads_no_more_does_not_wake_the_loop(void **state)
{
	(void)state;
	socket_poll_read(&f.ends[0].poll, false);
	hang_up(0);
	turn();
	assert_int_equal(f.ends[0].readable + f.ends[0].writable + f.ends[0].broken, 0);
	assert_false(f.ends[0].poll.watched);
	socket_poll_read(&f.ends[0].poll, true);
	turn();
	assert_int_equal(f.ends[0].readable, 1);
	assert_string_equal(f.ends[0].got, "");
}

static void one_that_only_writes_hears_of_the_end(void **state)
{
	(void)state;
	socket_poll_read(&f.ends[0].poll, false);
	socket_poll_write(&f.ends[0].poll);
	hang_up(0);
	turn();
	assert_int_equal(f.ends[0].writable + f.ends[0].broken, 1);
}

#define PACE_MS 60000 /* longer than this test takes */

/* So much that looking each time costs more than what is found. */
static void load(void)
{
	for (int i = 0; i < 30; i++) {
		say(0, "a");
		turn();
	}
}

static void under_load_it_is_looked_at_a_pace(void **state)
{
	int told;

	(void)state;
	socket_polls_pace(f.polls, PACE_MS);
	load();
	told = f.ends[0].readable;
	assert_true(told > 0 && told < 30);
	say(1, "b");
	turn();
	assert_int_equal(f.ends[1].readable, 0);
	assert_true(uv_backend_timeout(&f.loop) > PACE_MS / 4);
	socket_polls_hurry(f.polls);
	assert_in_range(uv_backend_timeout(&f.loop), 0, PACE_MS / 4);
}

static void one_that_comes_alone_is_told_at_once(void **state)
{
	(void)state;
	socket_polls_pace(f.polls, PACE_MS);
	say(0, "a");
	turn();
	assert_int_equal(f.ends[0].readable, 1);
	socket_polls_hurry(f.polls);
	say(0, "b");
	turn();
	assert_int_equal(f.ends[0].readable, 2);
}

static void when_nothing_is_found_the_load_is_over(void **state)
{
	(void)state;
	socket_polls_pace(f.polls, 1);
	load();
	/* The timer, and what is told by it; then there is nothing. */
	while (uv_backend_timeout(&f.loop) >= 0)
		turn();
	f.ends[1].readable = 0;
	socket_polls_pace(f.polls, PACE_MS);
	say(1, "b");
	turn();
	assert_int_equal(f.ends[1].readable, 1);
}

static void when_the_loop_ends_all_are_broken_once(void **state)
{
	(void)state;
	socket_poll_close(&f.ends[1].poll);
	socket_polls_close(f.polls);
	f.polls = NULL;
	assert_int_equal(f.ends[0].broken, 1);
	assert_int_equal(f.ends[1].broken, 0);
	assert_int_equal(f.ends[2].broken, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		CASE(what_comes_is_told_to_its_own),
		CASE(who_is_closed_is_told_nothing_even_in_the_same_round),
		CASE(who_is_closed_is_told_nothing_while_a_copy_is_open),
		CASE(what_cannot_be_watched_is_not_said_to_be),
		CASE(who_closes_itself_on_writing_is_not_told_to_read),
		CASE(writing_is_told_once_and_before_reading),
		CASE(who_reads_no_more_is_told_again_when_it_does),
		CASE(the_end_of_one_that_reads_no_more_does_not_wake_the_loop),
		CASE(one_that_only_writes_hears_of_the_end),
		CASE(under_load_it_is_looked_at_a_pace),
		CASE(one_that_comes_alone_is_told_at_once),
		CASE(when_nothing_is_found_the_load_is_over),
		CASE(when_the_loop_ends_all_are_broken_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
