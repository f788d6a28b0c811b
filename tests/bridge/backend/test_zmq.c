#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zmq.h>

#include "bridge/backend/zmq.h"
#include "tests/support/sockets.h"

#define LIMIT 65536 /* of sockets_options() */

/* Blocks that queues of two and the kernel between them never hold. */
#define MANY 200

static char block[LIMIT + 1];

static void talk_at(struct sockets *sockets, char *endpoint)
{
	struct socket_options options = sockets_options(&endpoint, 1);
	struct socket *socket = sockets_open(sockets, &options);
	void *peer = sockets_dealer(sockets, "one", socket_endpoint(socket, 0));

	sockets_peer_send(peer, "ask|who");
	sockets_hears(socket, "one|ask|who");
	assert_int_equal(sockets_send(socket, "one|answer||Ann"), SOCKET_SENT);
	sockets_peer_hears(peer, "answer||Ann");
	sockets_peer_close(sockets, peer);
	sockets_close(sockets, socket);
}

static void a_backend_asks_and_is_answered(void **state)
{
	struct sockets *sockets = *state;
	static char port_zero[] = "tcp://127.0.0.1:0", port_star[] = "tcp://127.0.0.1:*";

	talk_at(sockets, sockets->address);
	talk_at(sockets, port_zero);
	talk_at(sockets, port_star);
}

static void what_was_really_bound_is_told(void **state)
{
	struct sockets *sockets = *state;
	static char port[] = "tcp://127.0.0.1:0", all[] = "tcp://*:0";
	char *endpoints[] = { sockets->address, port, all };
	struct socket_options options = sockets_options(endpoints, 3);
	struct socket *socket = sockets_open(sockets, &options);
	unsigned first = 0, second = 0;

	assert_string_equal(socket_endpoint(socket, 0), sockets->address);
	assert_int_equal(sscanf(socket_endpoint(socket, 1), "tcp://127.0.0.1:%u", &first), 1);
	assert_int_equal(sscanf(socket_endpoint(socket, 2), "tcp://0.0.0.0:%u", &second), 1);
	assert_true(first > 0 && second > 0 && first != second);
}

static void nobody_is_there(void **state)
{
	struct socket *socket = sockets_bound(*state);

	assert_int_equal(sockets_send(socket, "nobody|hello"), SOCKET_GONE);
	assert_int_equal(sockets_send(socket, "|hello"), SOCKET_GONE);
	assert_int_equal(sockets_send(socket, "alone"), SOCKET_GONE);
}

static void who_left_is_gone(void **state)
{
	struct sockets *sockets = *state;
	struct socket *socket = sockets_bound(sockets);
	void *one = sockets_dealer(sockets, "one", sockets->address);
	void *two = sockets_dealer(sockets, "two", sockets->address);

	sockets_meet(socket, one, "one");
	sockets_meet(socket, two, "two");
	sockets_peer_close(sockets, one);
	sockets_await(sockets_send(socket, "one|still there?") == SOCKET_GONE);
	assert_int_equal(sockets_send(socket, "two|hello"), SOCKET_SENT);
	sockets_peer_hears(two, "hello");
}

/* Sends numbered blocks until the peer's queue is full; how many. */
static unsigned fill(struct socket *socket, const char *identity)
{
	enum socket_sent sent = SOCKET_SENT;
	unsigned count = 0;

	while (sent == SOCKET_SENT && count < 100000) {
		struct slice frames[] = { slice_of(identity),
					  slice_span((char *)&count, sizeof(count)),
					  slice_span(block, LIMIT) };

		sent = socket_send(socket, frames, 3);
		count += sent == SOCKET_SENT;
	}
	assert_int_equal(sent, SOCKET_FULL);
	return count;
}

/* Nothing that was taken is lost, nothing is there by half. */
static void drain(void *peer, unsigned count)
{
	static char frame[LIMIT];

	for (unsigned i = 0; i < count; i++) {
		unsigned number;

		assert_int_equal(zmq_recv(peer, &number, sizeof(number), 0), sizeof(number));
		assert_int_equal(number, i);
		assert_int_equal(zmq_recv(peer, frame, sizeof(frame), 0), LIMIT);
	}
}

static void who_does_not_read_is_full_alone(void **state)
{
	struct sockets *sockets = *state;
	struct socket_options options = sockets_options(&sockets->address, 1);
	struct socket *socket;
	void *slow = sockets_peer(sockets, ZMQ_DEALER, "slow", NULL), *quick;
	const int few = 2;
	unsigned count;

	options.high_water = few;
	socket = sockets_open(sockets, &options);
	zmq_setsockopt(slow, ZMQ_RCVHWM, &few, sizeof(few));
	sockets_peer_connect(slow, sockets->address);
	quick = sockets_dealer(sockets, "quick", sockets->address);
	sockets_meet(socket, slow, "slow");
	sockets_meet(socket, quick, "quick");
	count = fill(socket, "slow");
	assert_in_range(count, few, MANY);
	assert_int_equal(sockets_send(socket, "quick|hello"), SOCKET_SENT);
	sockets_peer_hears(quick, "hello");
	drain(slow, count);
	sockets_await(sockets_send(socket, "slow|hello") == SOCKET_SENT);
	sockets_peer_hears(slow, "hello");
}

/* Whoever sends faster than ours reads has to wait. */
static void what_is_not_read_is_not_taken(void **state)
{
	struct sockets *sockets = *state;
	struct socket_options options = sockets_options(&sockets->address, 1);
	struct socket *socket;
	void *peer = sockets_peer(sockets, ZMQ_DEALER, "one", NULL);
	const int few = 2;
	unsigned taken = 0;

	options.high_water = few;
	socket = sockets_open(sockets, &options);
	zmq_setsockopt(peer, ZMQ_SNDHWM, &few, sizeof(few));
	sockets_peer_connect(peer, sockets->address);
	sockets_meet(socket, peer, "one");
	for (unsigned tries = 0; tries < 3 * MANY; tries++) {
		taken += zmq_send(peer, block, LIMIT, ZMQ_DONTWAIT) == LIMIT;
		sockets_pause();
	}
	assert_in_range(taken, few, MANY);
}

/* How a worker reads: some at a time, then asks, and waits only when there is nothing. */
static unsigned read_some(struct socket *socket, unsigned from, unsigned budget)
{
	struct socket_message message;
	unsigned number;

	while (budget-- > 0 && socket_receive(socket, &message)) {
		assert_int_equal(message.count, 2);
		assert_int_equal(message.frames[1].len, sizeof(number));
		memcpy(&number, message.frames[1].data, sizeof(number));
		assert_int_equal(number, from);
		from++;
	}
	return from;
}

/* Also with answers in between: they use up the edge, too. */
static void no_edge_is_missed(void **state)
{
	struct sockets *sockets = *state;
	struct socket *socket = sockets_bound(sockets);
	struct pollfd wait = { .fd = socket_descriptor(socket), .events = POLLIN };
	void *peer = sockets_dealer(sockets, "one", sockets->address);
	const int many = 100000;
	unsigned sent = 0, got = 0;

	sockets_meet(socket, peer, "one");
	zmq_setsockopt(peer, ZMQ_SNDHWM, &many, sizeof(many));
	while (got < 3000) {
		for (unsigned i = 0; i < 100 && sent < 3000; i++, sent++)
			zmq_send(peer, &sent, sizeof(sent), 0);
		got = read_some(socket, got, 7);
		assert_int_equal(sockets_send(socket, "one|ok"), SOCKET_SENT);
		sockets_peer_hears(peer, "ok");
		if (!socket_readable(socket) && got < 3000)
			assert_int_equal(poll(&wait, 1, SOCKETS_WAIT_MS), 1);
	}
}

static void a_frame_may_be_as_long_as_the_limit(void **state)
{
	struct sockets *sockets = *state;
	struct socket *socket = sockets_bound(sockets);
	void *peer = sockets_dealer(sockets, "one", sockets->address);
	struct socket_message message;

	assert_int_equal(zmq_send(peer, block, LIMIT, 0), LIMIT);
	sockets_await(socket_receive(socket, &message));
	assert_int_equal(message.frames[1].len, LIMIT);
}

/* Its peer alone is cut off; it may come again. */
static void a_frame_above_the_limit_ends_its_peer(void **state)
{
	struct sockets *sockets = *state;
	struct socket *socket = sockets_bound(sockets);
	void *greedy = sockets_dealer(sockets, "greedy", sockets->address);
	void *good = sockets_dealer(sockets, "good", sockets->address);

	sockets_meet(socket, greedy, "greedy");
	sockets_meet(socket, good, "good");
	zmq_send(greedy, block, LIMIT + 1, 0);
	sockets_await(sockets_send(socket, "greedy|still there?") == SOCKET_GONE);
	sockets_meet(socket, good, "good");
	sockets_meet(socket, greedy, "greedy");
	assert_int_equal(sockets_send(socket, "good|hello"), SOCKET_SENT);
	sockets_peer_hears(good, "hello");
}

static void too_many_frames_are_told(void **state)
{
	struct sockets *sockets = *state;
	struct socket *socket = sockets_bound(sockets);
	void *peer = sockets_dealer(sockets, "one", sockets->address);
	struct socket_message message;

	sockets_peer_send(peer, "1|2|3|4|5|6|7");
	sockets_peer_send(peer, "1|2|3|4|5|6|7|8");
	sockets_peer_send(peer, "1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17|18|19|20");
	sockets_peer_send(peer, "next");
	sockets_hears(socket, "one|1|2|3|4|5|6|7");
	for (int i = 0; i < 2; i++) {
		sockets_await(socket_receive(socket, &message));
		assert_true(message.oversized);
		assert_int_equal(message.count, SOCKET_FRAMES_MAX);
		assert_true(slice_is(message.frames[0], "one"));
		assert_true(slice_is(message.frames[7], "7"));
	}
	sockets_hears(socket, "one|next");
	assert_false(socket_receive(socket, &message));
	assert_int_equal(message.count, 0);
	assert_false(message.oversized);
}

/* The library hears nothing of the second until it comes again: zmq.h warns of it. */
static void an_identity_in_use_stays_with_the_first(void **state)
{
	struct sockets *sockets = *state;
	struct socket *socket = sockets_bound(sockets);
	void *first = sockets_dealer(sockets, "same", sockets->address), *second;
	bool met = false;

	sockets_meet(socket, first, "same");
	second = sockets_dealer(sockets, "same", sockets->address);
	sockets_peer_send(second, "from the second");
	for (int i = 0; i < 20; i++)
		sockets_meet(socket, first, "same");
	assert_int_equal(sockets_send(socket, "same|to whom?"), SOCKET_SENT);
	sockets_peer_hears(first, "to whom?");
	sockets_peer_hears_nothing(second);
	sockets_peer_close(sockets, first);
	sockets_await(sockets_send(socket, "same|still there?") == SOCKET_GONE);
	/* What is left of its connection before may still have the name. */
	for (int times = 0; times < 20 && !met; times++) {
		zmq_disconnect(second, sockets->address);
		sockets_peer_connect(second, sockets->address);
		met = sockets_meets_within(socket, second, "same", 1000);
	}
	assert_true(met);
}

/* ---- taps ---- */

static void subscriber_connect(void *peer, const char *prefix, const char *endpoint)
{
	zmq_setsockopt(peer, ZMQ_SUBSCRIBE, prefix, strlen(prefix));
	zmq_setsockopt(peer, ZMQ_SUBSCRIBE, "sync", 4);
	sockets_peer_connect(peer, endpoint);
}

static void *subscriber(struct sockets *sockets, const char *prefix, const char *endpoint)
{
	void *peer = sockets_peer(sockets, ZMQ_SUB, NULL, NULL);

	subscriber_connect(peer, prefix, endpoint);
	return peer;
}

/* Publishes until the subscription has arrived, and forgets that. */
static void subscriber_wait(struct socket *socket, void *peer)
{
	char frame[16];
	const int none = 0, patience = SOCKETS_WAIT_MS;

	zmq_setsockopt(peer, ZMQ_RCVTIMEO, &none, sizeof(none));
	sockets_await(sockets_send(socket, "sync") == SOCKET_SENT &&
		      zmq_recv(peer, frame, sizeof(frame), 0) == 4);
	zmq_setsockopt(peer, ZMQ_RCVTIMEO, &patience, sizeof(patience));
}

static void subscriber_hears(void *peer, const char *frames)
{
	char topic[64];
	int more = 0, len;
	size_t size = sizeof(more);

	do {
		len = zmq_recv(peer, topic, sizeof(topic), 0);
		zmq_getsockopt(peer, ZMQ_RCVMORE, &more, &size);
	} while (len == 4 && !more); /* a "sync" from before */
	assert_true(len > 0 && more);
	assert_int_equal(len, strcspn(frames, "|"));
	assert_memory_equal(topic, frames, (size_t)len);
	sockets_peer_hears(peer, frames + len + 1);
}

static void a_tap_is_heard_by_prefix(void **state)
{
	struct sockets *sockets = *state;
	struct socket_options options = sockets_options(&sockets->address, 1);
	struct socket_message message;
	struct socket *socket;
	void *all, *lobby;

	options.type = SOCKET_PUB;
	socket = sockets_open(sockets, &options);
	assert_int_equal(sockets_send(socket, "lobby.message|to nobody"), SOCKET_SENT);
	all = subscriber(sockets, "", sockets->address);
	lobby = subscriber(sockets, "lobby.", sockets->address);
	subscriber_wait(socket, all);
	subscriber_wait(socket, lobby);
	assert_int_equal(sockets_send(socket, "attic.message|a"), SOCKET_SENT);
	assert_int_equal(sockets_send(socket, "lobby.message|b|c"), SOCKET_SENT);
	assert_int_equal(sockets_send(socket, "lobby|d"), SOCKET_SENT);
	assert_int_equal(sockets_send(socket, "lobby.end|e"), SOCKET_SENT);
	subscriber_hears(all, "attic.message|a");
	subscriber_hears(all, "lobby.message|b|c");
	subscriber_hears(all, "lobby|d");
	subscriber_hears(all, "lobby.end|e");
	subscriber_hears(lobby, "lobby.message|b|c");
	subscriber_hears(lobby, "lobby.end|e");
	assert_false(socket_readable(socket));
	assert_false(socket_receive(socket, &message));
}

/* Reads until a "sync" published from now on arrives; how many blocks came before. */
static unsigned blocks_heard(struct socket *socket, void *peer)
{
	static char frame[LIMIT];
	unsigned blocks = 0;
	int len = 0;

	while (len != 4) {
		assert_int_equal(sockets_send(socket, "sync"), SOCKET_SENT);
		len = zmq_recv(peer, frame, sizeof(frame), 0);
		assert_true(len > 0);
		blocks += len == LIMIT;
	}
	return blocks;
}

static void a_slow_subscriber_misses_and_holds_up_nobody(void **state)
{
	struct sockets *sockets = *state;
	struct socket_options options = sockets_options(&sockets->address, 1);
	struct slice frames[] = { SLICE("blocks"), slice_span(block, LIMIT) };
	struct socket *socket;
	const int few = 2;
	void *slow = sockets_peer(sockets, ZMQ_SUB, NULL, NULL), *quick;

	options.type = SOCKET_PUB;
	options.high_water = few;
	socket = sockets_open(sockets, &options);
	zmq_setsockopt(slow, ZMQ_RCVHWM, &few, sizeof(few));
	subscriber_connect(slow, "blocks", sockets->address);
	quick = subscriber(sockets, "quick", sockets->address);
	subscriber_wait(socket, slow);
	subscriber_wait(socket, quick);
	for (int i = 0; i < 5000; i++)
		assert_int_equal(socket_send(socket, frames, 2), SOCKET_SENT);
	assert_int_equal(sockets_send(socket, "quick|hello"), SOCKET_SENT);
	subscriber_hears(quick, "quick|hello");
	assert_true(blocks_heard(socket, slow) < 5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define test(name) cmocka_unit_test_setup_teardown(name, sockets_setup, sockets_teardown)
		test(a_backend_asks_and_is_answered),
		test(what_was_really_bound_is_told),
		test(nobody_is_there),
		test(who_left_is_gone),
		test(who_does_not_read_is_full_alone),
		test(what_is_not_read_is_not_taken),
		test(no_edge_is_missed),
		test(a_frame_may_be_as_long_as_the_limit),
		test(a_frame_above_the_limit_ends_its_peer),
		test(too_many_frames_are_told),
		test(an_identity_in_use_stays_with_the_first),
		test(a_tap_is_heard_by_prefix),
		test(a_slow_subscriber_misses_and_holds_up_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
