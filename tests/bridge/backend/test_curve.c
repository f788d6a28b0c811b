#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <zmq.h>

#include "bridge/backend/curve.h"
#include "bridge/backend/zmq.h"
#include "tests/support/floor.h"
#include "tests/support/sockets.h"

#define LIMIT 65536 /* of sockets_options() */

static char port[] = "tcp://127.0.0.1:0";
static char *const any_port = port;

/* The bench, with keys of the bridge, of two friends, and of a stranger. */
static int keys_setup(void **state)
{
	static const char *const names[] = { "bridge", "ann", "bob", "eve" };

	sockets_setup(state);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_true(curve_key_make(sockets_path(*state, names[i], ""), stderr));
	return 0;
}

/* The usual options, with the keys of ann and bob. The lists live until the next call. */
static struct socket_options locked(struct sockets *sockets, char *const *bind, size_t count)
{
	struct socket_options options = sockets_options(bind, count);
	static char secret[256], ann[256], bob[256];
	static char *const friends[] = { ann, bob };

	snprintf(secret, sizeof(secret), "%s", sockets_path(sockets, "bridge", ".key"));
	snprintf(ann, sizeof(ann), "%s", sockets_path(sockets, "ann", ".pub"));
	snprintf(bob, sizeof(bob), "%s", sockets_path(sockets, "bob", ".pub"));
	options.secret_key_file = secret;
	options.client_key_files = friends;
	options.client_key_count = 2;
	return options;
}

static struct socket *locked_open(struct sockets *sockets, char *endpoint)
{
	struct socket_options options = locked(sockets, &endpoint, 1);

	return sockets_open(sockets, &options);
}

static void *caller(struct sockets *sockets, const char *own, const char *server,
		    const char *endpoint)
{
	const struct sockets_keys keys = { .own = own, .server = server };
	void *peer = sockets_peer(sockets, ZMQ_DEALER, own, &keys);

	sockets_peer_connect(peer, endpoint);
	return peer;
}

static void friends_come_in(struct sockets *sockets, char *endpoint)
{
	struct socket *socket = locked_open(sockets, endpoint);
	void *ann = caller(sockets, "ann", "bridge", socket_endpoint(socket, 0));
	void *bob = caller(sockets, "bob", "bridge", socket_endpoint(socket, 0));

	sockets_meet(socket, ann, "ann");
	sockets_meet(socket, bob, "bob");
	assert_int_equal(sockets_send(socket, "ann|answer|yes"), SOCKET_SENT);
	sockets_peer_hears(ann, "answer|yes");
	assert_true(socket_refused(socket) == 0);
	sockets_peer_close(sockets, ann);
	sockets_peer_close(sockets, bob);
	sockets_close(sockets, socket);
}

static void who_has_a_key_comes_in(void **state)
{
	struct sockets *sockets = *state;

	friends_come_in(sockets, port);
	friends_come_in(sockets, sockets->address);
}

/* Everybody else is turned away, counted, and not heard; meanwhile a friend is. */
static void turn_away(struct sockets *sockets, const struct sockets_keys *keys)
{
	struct socket *socket = locked_open(sockets, port);
	void *ann = caller(sockets, "ann", "bridge", socket_endpoint(socket, 0));
	void *eve = sockets_peer(sockets, ZMQ_DEALER, "eve", keys);
	struct socket_message message;

	sockets_meet(socket, ann, "ann");
	assert_true(socket_refused(socket) == 0);
	sockets_peer_connect(eve, socket_endpoint(socket, 0));
	sockets_peer_send(eve, "let me in");
	sockets_await(!socket_readable(socket) && socket_refused(socket) >= 1);
	sockets_meet(socket, ann, "ann");
	assert_int_equal(sockets_send(socket, "eve|who are you?"), SOCKET_GONE);
	assert_false(socket_receive(socket, &message));
}

static void a_stranger_is_turned_away(void **state)
{
	turn_away(*state, &(struct sockets_keys){ .own = "eve", .server = "bridge" });
}

static void who_shows_no_key_is_turned_away(void **state)
{
	turn_away(*state, NULL);
}

static void who_takes_us_for_somebody_else_is_turned_away(void **state)
{
	turn_away(*state, &(struct sockets_keys){ .own = "ann", .server = "bob" });
}

/* Another mechanism of the library, and one that does not reach the judge either. */
static void a_password_is_no_key(void **state)
{
	struct sockets *sockets = *state;
	struct socket *socket = locked_open(sockets, port);
	void *eve = sockets_peer(sockets, ZMQ_DEALER, "eve", NULL);

	zmq_setsockopt(eve, ZMQ_PLAIN_USERNAME, "ann", 3);
	zmq_setsockopt(eve, ZMQ_PLAIN_PASSWORD, "1234", 4);
	sockets_peer_connect(eve, socket_endpoint(socket, 0));
	sockets_await(!socket_readable(socket) && socket_refused(socket) >= 1);
}

static void each_socket_has_its_own_friends(void **state)
{
	struct sockets *sockets = *state;
	struct socket_options options = locked(sockets, &any_port, 1);
	struct socket *first, *second;
	void *bob;

	options.client_key_count = 1; /* ann */
	first = sockets_open(sockets, &options);
	options.client_key_files++; /* bob */
	options.name = "other";
	second = sockets_open(sockets, &options);
	bob = caller(sockets, "bob", "bridge", socket_endpoint(first, 0));
	caller(sockets, "ann", "bridge", socket_endpoint(second, 0));
	sockets_await(socket_refused(first) >= 1 && socket_refused(second) >= 1);
	sockets_peer_connect(bob, socket_endpoint(second, 0));
	sockets_meet(second, bob, "bob");
	sockets_close(sockets, first);
	sockets_meet(second, bob, "bob");
}

/* Next to one with keys. */
static void without_a_secret_key_everybody_comes_in(void **state)
{
	struct sockets *sockets = *state;
	struct socket *open = sockets_bound(sockets);
	void *peer = sockets_dealer(sockets, "one", sockets->address);

	locked_open(sockets, port);
	sockets_meet(open, peer, "one");
	assert_true(socket_refused(open) == 0);
}

/* Ours connects, and is the server of CURVE all the same. First a peer that may not come in, then
 * one that may: ours goes on trying. */
static void is_connected_to(struct sockets *sockets, const struct sockets_keys *wrong)
{
	struct socket_options options = locked(sockets, NULL, 0);
	const struct sockets_keys right = { .own = "ann", .server = "bridge" };
	void *peer = sockets_peer(sockets, ZMQ_DEALER, "eve", wrong);
	char bound[64], *endpoint = bound;
	size_t size = sizeof(bound);
	struct socket *socket;

	sockets_peer_bind(peer, port);
	zmq_getsockopt(peer, ZMQ_LAST_ENDPOINT, bound, &size);
	options.connect = &endpoint;
	options.connect_count = 1;
	socket = sockets_open(sockets, &options);
	sockets_await(!socket_readable(socket) && socket_refused(socket) >= 2);
	sockets_peer_close(sockets, peer);
	peer = sockets_peer(sockets, ZMQ_DEALER, "ann", &right);
	sockets_peer_bind(peer, bound);
	sockets_meet(socket, peer, "ann");
	assert_int_equal(sockets_send(socket, "ann|welcome"), SOCKET_SENT);
	sockets_peer_hears(peer, "welcome");
	sockets_peer_close(sockets, peer);
	sockets_close(sockets, socket);
}

static void who_is_connected_to_shows_its_key(void **state)
{
	is_connected_to(*state, &(struct sockets_keys){ .own = "eve", .server = "bridge" });
	is_connected_to(*state, &(struct sockets_keys){ .own = "ann", .server = "bob" });
	is_connected_to(*state, NULL);
}

static void a_tap_is_heard_by_friends_only(void **state)
{
	struct sockets *sockets = *state;
	struct socket_options options = locked(sockets, &any_port, 1);
	const struct sockets_keys friend = { .own = "ann", .server = "bridge" };
	const struct sockets_keys stranger = { .own = "eve", .server = "bridge" };
	void *ann = sockets_peer(sockets, ZMQ_SUB, NULL, &friend);
	void *eve = sockets_peer(sockets, ZMQ_SUB, NULL, &stranger);
	struct socket *socket;
	char frame[16];

	options.type = SOCKET_PUB;
	socket = sockets_open(sockets, &options);
	zmq_setsockopt(ann, ZMQ_SUBSCRIBE, "", 0);
	zmq_setsockopt(eve, ZMQ_SUBSCRIBE, "", 0);
	sockets_peer_connect(eve, socket_endpoint(socket, 0));
	sockets_await(!socket_readable(socket) && socket_refused(socket) >= 1);
	sockets_peer_connect(ann, socket_endpoint(socket, 0));
	sockets_await(sockets_send(socket, "event") == SOCKET_SENT &&
		      zmq_recv(ann, frame, sizeof(frame), ZMQ_DONTWAIT) == 5);
	sockets_peer_hears_nothing(eve);
}

/* The limit is that of what was said, not of what it is wrapped in. */
static void a_key_takes_nothing_from_the_limit(void **state)
{
	struct sockets *sockets = *state;
	struct socket *socket = locked_open(sockets, port);
	void *ann = caller(sockets, "ann", "bridge", socket_endpoint(socket, 0));
	static char block[LIMIT + 1];
	struct socket_message message;
	bool heard = false;

	sockets_meet(socket, ann, "ann");
	assert_int_equal(zmq_send(ann, block, LIMIT, 0), LIMIT);
	sockets_await(socket_receive(socket, &message));
	assert_int_equal(message.frames[1].len, LIMIT);
	zmq_send(ann, block, LIMIT + 1, 0);
	sockets_await((heard = socket_receive(socket, &message)) ||
		      sockets_send(socket, "ann|still there?") == SOCKET_GONE);
	assert_false(heard);
	assert_true(socket_refused(socket) == 0);
}

/* A limit below what the handshake itself needs does not lock all out. */
static void the_smallest_limit_lets_a_handshake_pass(void **state)
{
	struct sockets *sockets = *state;
	struct socket_options options = locked(sockets, &any_port, 1);
	struct socket *socket;
	void *ann;

	options.message_bytes = 0;
	socket = sockets_open(sockets, &options);
	ann = caller(sockets, "ann", "bridge", socket_endpoint(socket, 0));
	sockets_meet(socket, ann, "ann");
}

static void keys_that_do_not_fit_together_are_refused(void **state)
{
	struct sockets *sockets = *state;
	struct socket_options options = locked(sockets, &any_port, 1);
	struct socket *socket;

	options.client_key_count = 0;
	sockets_refuse(sockets, &options, "secret key", "no public keys of clients");
	options = locked(sockets, &any_port, 1);
	options.secret_key_file = "";
	sockets_refuse(sockets, &options, "public keys of clients", "no secret key");
	options = locked(sockets, &any_port, 1);
	socket = sockets_open(sockets, &options);
	sockets_refuse(sockets, &options, "two sockets", "name");
	sockets_close(sockets, socket);
	socket = sockets_open(sockets, &options);
}

/* Whether secret or public, in turn. */
static void refuse_key(struct sockets *sockets, const char *name, const char *why)
{
	struct socket_options options = locked(sockets, &any_port, 1);
	char *path = sockets_path(sockets, name, "");

	options.secret_key_file = path;
	sockets_refuse(sockets, &options, path, why);
	options = locked(sockets, &any_port, 1);
	options.client_key_files = &path;
	options.client_key_count = 1;
	sockets_refuse(sockets, &options, path, why);
}

static void files_that_are_no_keys_are_refused(void **state)
{
	static const char KEY[] = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID";
	struct sockets *sockets = *state;
	char text[64];

	refuse_key(sockets, "missing", "No such file");
	refuse_key(sockets, ".", "not a file");
	floor_file(sockets->folder, "empty", "", 0600);
	refuse_key(sockets, "empty", "not a key");
	snprintf(text, sizeof(text), "%.39s\n", KEY);
	floor_file(sockets->folder, "short", text, 0600);
	refuse_key(sockets, "short", "not a key");
	snprintf(text, sizeof(text), "%sx\n", KEY);
	floor_file(sockets->folder, "long", text, 0600);
	refuse_key(sockets, "long", "not a key");
	snprintf(text, sizeof(text), "%s\nx", KEY);
	floor_file(sockets->folder, "more", text, 0600);
	refuse_key(sockets, "more", "not a key");
	snprintf(text, sizeof(text), "%.39s \n", KEY);
	floor_file(sockets->folder, "odd", text, 0600);
	refuse_key(sockets, "odd", "not a key");
	floor_file(sockets->folder, "big", "#####Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaL", 0600);
	refuse_key(sockets, "big", "not a key");
}

static void a_secret_key_that_others_may_read_is_refused(void **state)
{
	struct sockets *sockets = *state;
	struct socket_options options = locked(sockets, &any_port, 1);

	chmod(options.secret_key_file, 0640);
	sockets_refuse(sockets, &options, options.secret_key_file, "others");
	chmod(options.secret_key_file, 0604);
	sockets_refuse(sockets, &options, options.secret_key_file, "others");
}

/* ---- making keys ---- */

static void line_of(struct sockets *sockets, const char *name, const char *suffix, unsigned mode,
		    char line[64])
{
	const char *path = sockets_path(sockets, name, suffix);
	FILE *file = fopen(path, "r");
	struct stat about;

	assert_non_null(file);
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode & 07777, mode);
	assert_int_equal(about.st_size, 41);
	assert_non_null(fgets(line, 64, file));
	assert_int_equal(strcspn(line, "\n"), 40);
	line[40] = '\0';
	fclose(file);
}

static void a_pair_of_keys_is_made(void **state)
{
	struct sockets *sockets = *state;
	char secret[64], public[64], other[64], right[41];
	mode_t before = umask(022);

	assert_true(curve_key_make(sockets_path(sockets, "one", ""), stderr));
	assert_true(curve_key_make(sockets_path(sockets, "two", ""), stderr));
	umask(before);
	line_of(sockets, "one", ".key", 0600, secret);
	line_of(sockets, "one", ".pub", 0644, public);
	line_of(sockets, "two", ".key", 0600, other);
	assert_int_equal(zmq_curve_public(right, secret), 0);
	assert_string_equal(public, right);
	assert_string_not_equal(secret, other);
}

static void make_fails(struct sockets *sockets, const char *name, const char *word)
{
	char *said;
	size_t size;
	FILE *errors = open_memstream(&said, &size);

	assert_false(curve_key_make(sockets_path(sockets, name, ""), errors));
	fclose(errors);
	if (!strstr(said, word) || strchr(said, '\n') != said + strlen(said) - 1)
		fail_msg("said: %s", said);
	free(said);
}

static void no_key_is_written_over(void **state)
{
	struct sockets *sockets = *state;
	char before[64], after[64];

	line_of(sockets, "ann", ".key", 0600, before);
	make_fails(sockets, "ann", "ann.key: File exists");
	line_of(sockets, "ann", ".key", 0600, after);
	assert_string_equal(before, after);
	floor_file(sockets->folder, "half.pub", "mine\n", 0644);
	make_fails(sockets, "half", "half.pub: File exists");
	assert_int_equal(access(sockets_path(sockets, "half", ".key"), F_OK), -1);
	make_fails(sockets, "no/folder", "no/folder.key: No such file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define test(name) cmocka_unit_test_setup_teardown(name, keys_setup, sockets_teardown)
		test(who_has_a_key_comes_in),
		test(a_stranger_is_turned_away),
		test(who_shows_no_key_is_turned_away),
		test(who_takes_us_for_somebody_else_is_turned_away),
		test(a_password_is_no_key),
		test(each_socket_has_its_own_friends),
		test(without_a_secret_key_everybody_comes_in),
		test(who_is_connected_to_shows_its_key),
		test(a_tap_is_heard_by_friends_only),
		test(a_key_takes_nothing_from_the_limit),
		test(the_smallest_limit_lets_a_handshake_pass),
		test(keys_that_do_not_fit_together_are_refused),
		test(files_that_are_no_keys_are_refused),
		test(a_secret_key_that_others_may_read_is_refused),
		test(a_pair_of_keys_is_made),
		test(no_key_is_written_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
