#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "bridge/core/counters.h"
#include "bridge/core/login.h"
#include "bridge/core/post.h"

static void post_is_blank(void **state)
{
	struct post_draft *draft = post_new(POST_DRAFT);
	struct post_socket *socket = post_new(POST_SOCKET);

	(void)state;
	assert_int_equal(draft->post.kind, POST_DRAFT);
	assert_int_equal(draft->post.asker.kind, ASKER_NOBODY);
	assert_true(draft->backend == SIZE_MAX);
	assert_null(draft->event);
	assert_null(draft->room);
	assert_null(draft->copies.table);
	assert_int_equal(socket->fd, -1);
	post_free(&draft->post);
	post_free(&socket->post);
	post_free(NULL);
}

static void every_kind_can_be_made_and_freed(void **state)
{
	(void)state;
	for (enum post_kind kind = 0; kind < POST_KINDS; kind++) {
		struct post *post = post_new(kind);

		assert_int_equal(post->kind, kind);
		assert_null(post->next);
		assert_int_equal(post->asker.kind, ASKER_NOBODY);
		post_free(post);
	}
}

static struct envelope *notice(void)
{
	return envelope_seal(&(struct envelope){ .kind = KIND_NOTICE, .text = SLICE("hi") });
}

/* What a post still holds goes with it; the sanitizers see what does not. */
static void post_frees_what_it_holds(void **state)
{
	struct codec_login login = { .name = SLICE("ann"), .secret = SLICE("s3cret") };
	struct post_socket *socket = post_new(POST_SOCKET);
	struct post_draft *draft = post_new(POST_DRAFT);
	struct post_backend *asked = post_new(POST_LOGIN);
	struct post_tap *tap = post_new(POST_TAP);
	struct post_answer *answer = post_new(POST_ANSWER);
	struct post_reported *reported = post_new(POST_REPORTED);
	int fd = open("/dev/null", O_RDONLY);

	(void)state;
	socket->fd = fd;
	draft->event = notice();
	asked->login = login_claim_new(&login);
	tap->event = notice();
	answer->answer.event = notice();
	reported->counters = counters_new();
	post_free(&socket->post);
	post_free(&draft->post);
	post_free(&asked->post);
	post_free(&tap->post);
	post_free(&answer->post);
	post_free(&reported->post);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
}

/* A post that names a rule holds its table, which says what the rule is called. */
static void it_knows_its_rule(void **state)
{
	static const struct route_step drop = { .action = ROUTE_DROP };
	static const struct route_rule rule = {
		.name = { "commands", 8 }, .pattern = { "x", 1 }, .steps = &drop, .step_count = 1
	};
	static const struct slice room = { "lobby", 5 };
	const struct route_table *table = route_table_new(&rule, 1, &room, 1, NULL);
	struct post_backend *event = post_new(POST_EVENT);
	struct post_draft *draft = post_new(POST_DRAFT);

	(void)state;
	event->table = route_table_hold(table);
	draft->copies.table = route_table_hold(table);
	route_table_release(table);
	assert_true(slice_is(route_table_name(event->table, event->rule), "commands"));
	post_free(&event->post);
	assert_true(slice_is(route_table_name(draft->copies.table, 0), "commands"));
	post_free(&draft->post);
}

static unsigned released;

static void note_release(struct certificate *certificate)
{
	assert_ptr_equal(certificate, &released);
	released++;
}

static void a_certificate_is_released_as_it_says(void **state)
{
	struct post_certificate *post = post_new(POST_CERTIFICATE);

	(void)state;
	post->certificate = (struct certificate *)&released;
	post->release = note_release;
	post_free(&post->post);
	assert_int_equal(released, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(post_is_blank),
		cmocka_unit_test(every_kind_can_be_made_and_freed),
		cmocka_unit_test(post_frees_what_it_holds),
		cmocka_unit_test(it_knows_its_rule),
		cmocka_unit_test(a_certificate_is_released_as_it_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
